import { blobSchema } from './blob-table.ts';
import type { Schema } from './open-database.ts';

// An account's database. Numbers name things inside; outside they carry a letter: M mailbox, E email, B blob, T thread.
const version1 = `
CREATE TABLE counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
INSERT INTO counter VALUES ('modseq', 0), ('uid-validity', 0), ('email', 0), ('history-from', 0);

CREATE TABLE mailbox (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  parent_id INTEGER REFERENCES mailbox,
  path TEXT NOT NULL UNIQUE,
  role TEXT UNIQUE,
  uid_validity INTEGER NOT NULL,
  uid_next INTEGER NOT NULL,
  highest_modseq INTEGER NOT NULL,
  messages INTEGER NOT NULL,
  unseen INTEGER NOT NULL,
  deleted INTEGER NOT NULL,
  size_bytes INTEGER NOT NULL
);
CREATE TABLE subscription (path TEXT PRIMARY KEY) WITHOUT ROWID;

CREATE TABLE flag_set (id INTEGER PRIMARY KEY AUTOINCREMENT, flags TEXT NOT NULL UNIQUE);

CREATE TABLE message (
  mailbox_id INTEGER NOT NULL,
  uid INTEGER NOT NULL,
  modseq INTEGER NOT NULL,
  created_modseq INTEGER NOT NULL,
  flag_set_id INTEGER NOT NULL,
  size_bytes INTEGER NOT NULL,
  email_id INTEGER NOT NULL,
  saved_at INTEGER NOT NULL,
  PRIMARY KEY (mailbox_id, uid)
) WITHOUT ROWID;
CREATE INDEX message_email ON message (email_id);

-- Its blob has the same number.
CREATE TABLE email (
  id INTEGER PRIMARY KEY,
  size_bytes INTEGER NOT NULL,
  received_at INTEGER NOT NULL,
  thread_id INTEGER NOT NULL,
  preview TEXT NOT NULL,
  envelope TEXT NOT NULL,
  part TEXT NOT NULL
);
CREATE TABLE email_decision (email_id INTEGER PRIMARY KEY, decision TEXT NOT NULL);
-- Emails whose last message may be gone.
CREATE TABLE loose_email (email_id INTEGER PRIMARY KEY);

CREATE TABLE thread_key (key TEXT PRIMARY KEY, thread_id INTEGER NOT NULL) WITHOUT ROWID;

CREATE TABLE tombstone (
  modseq INTEGER NOT NULL,
  mailbox_id INTEGER NOT NULL,
  uid INTEGER NOT NULL,
  created_modseq INTEGER NOT NULL,
  PRIMARY KEY (modseq, mailbox_id, uid)
) WITHOUT ROWID;
CREATE TABLE mailbox_event (
  modseq INTEGER NOT NULL,
  mailbox_id INTEGER NOT NULL,
  kind TEXT NOT NULL,
  path TEXT NOT NULL,
  old_path TEXT,
  PRIMARY KEY (modseq, mailbox_id)
) WITHOUT ROWID;
${blobSchema}`;

// The fields of older emails are read by and by: see `keepOlderFields`.
const version2 = `
-- Fields of the header section as they stood, but for those that nobody lists messages by. Not there where they are many.
-- Plain: all ASCII, and nothing to be decoded before it is compared.
CREATE TABLE kept_fields (email_id INTEGER PRIMARY KEY, plain INTEGER NOT NULL, fields BLOB NOT NULL);
INSERT INTO counter SELECT 'unkept-to', value FROM counter WHERE name = 'email';
`;

/** Schema of an account's database. */
export const accountSchema: Schema = { applicationId: 0x6d6f7861, migrations: [version1, version2] };

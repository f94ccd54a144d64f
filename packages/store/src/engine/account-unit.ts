import { AccountDatabase, type AccountSettings } from './account-database.ts';
import { keepHouse, needsHousekeeping } from './housekeeping.ts';
import { createStandardMailboxes } from './mailboxes.ts';
import type { Unit } from './unit.ts';

/** An account's database as a worker opens and tends it: a new account is given its mailboxes, and there is housekeeping. */
export class AccountUnit extends AccountDatabase implements Unit {
  constructor(name: string, settings: AccountSettings) {
    super(name, settings);
    if (settings.readOnly || this.modseq > 0) return;
    try {
      this.begin();
      createStandardMailboxes(this);
      this.commit();
      this.changes = [];
    } catch (error) {
      this.close();
      throw error;
    }
  }

  get untidy(): boolean {
    return needsHousekeeping(this);
  }

  tidy(): void {
    keepHouse(this);
  }
}

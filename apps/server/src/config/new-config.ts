/** What a first run decides. */
export interface NewConfig {
  readonly password: string;
  readonly portOffset: number;
  readonly addresses?: readonly string[];
}

/** The text of a new configuration file, with comments for people. */
export function newConfigText({ password, portOffset, addresses = ['127.0.0.1', '::1'] }: NewConfig): string {
  return `# Configuration of the mox mail server, written by its first run. Changes take effect at the next start;
# check them with: mox config check

# Name this server gives itself, in greetings and in Received fields.
hostname: localhost

# The account that local mail goes to. The password is here for a server on your own machine: keep this file to yourself.
account:
  name: mox@localhost
  password: ${JSON.stringify(password)}
  # Mail for any address is taken and put into this account.
  catchAll: true

# Addresses to listen on. Nobody but programs on this machine reaches these two.
addresses: [${addresses.map((address) => JSON.stringify(address)).join(', ')}]

# Every service listens on its usual port plus this: smtp 25, submission 587, submissions 465 (TLS), imap 143, imaps 993 (TLS).
portOffset: ${portOffset}

# services:
#   smtp: { port: 2525 }          # a port of its own
#   imap: { enabled: false }

# limits:
#   messageSizeBytes: 104857600
#   recipients: 1000              # in one transaction
#   connections: 10000            # for each service
#   connectionsPerAddress: 10000  # an IPv6 /64 counts as one address

# timeouts:
#   smtpSeconds: 300              # a client that says nothing
#   imapSeconds: 1800             # the same, once logged in
#   loginSeconds: 60              # the same, before
#   writeSeconds: 300             # a client that takes nothing
#   stopSeconds: 5                # for saying goodbye

# dns:
#   resolvers: ["127.0.0.1"]      # in place of those of /etc/resolv.conf; "[::1]:5353" names a port
#   validate: false               # true: check DNSSEC here, in place of trusting a resolver on this machine

# Who mail from other hosts is from: SPF, DKIM, ARC and DMARC. Nothing is asked of clients in the networks that are exempt.
# authentication:
#   exempt: ["127.0.0.0/8", "::1"]
#   dmarc: reject                 # refuse forgeries where their domain asks for that; quarantine: into Junk at most; none: tell only
#   trustedSealers: []            # domains of lists and forwarders whose ARC results are believed

# log:
#   level: info                   # debug, info, warn, error
#   format: text                  # or json
`;
}

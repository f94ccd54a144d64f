# ARC by Mail::DKIM. Reads a job as a line of JSON each, writes its result as a line of JSON.
# {"verify": message, "dns": {name: [text]}} -> [status, detail]
# {"seal": message, "keyFile", "domain", "selector", "server"} -> the fields; the message has the results of "server" on top
use strict;
no warnings;
use FindBin;
use lib "$FindBin::Bin/../../dkim/test";
use Mail::DKIM::ARC::Signer;
use Mail::DKIM::ARC::Verifier;
use MailDkimPeer;

sub run {
    my ($job) = @_;
    if (defined $job->{verify}) {
        my $verifier = MailDkimPeer::feed(Mail::DKIM::ARC::Verifier->new(Strict => 1), $job->{verify});
        return [$verifier->result, $verifier->result_detail];
    }
    my $signer = Mail::DKIM::ARC::Signer->new(
        Algorithm => 'rsa-sha256', Chain => 'ar', SrvId => $job->{server},
        Domain => $job->{domain}, Selector => $job->{selector}, KeyFile => $job->{keyFile},
    );
    MailDkimPeer::feed($signer, $job->{seal});
    return join '', map { "$_\015\012" } $signer->as_strings;
}

MailDkimPeer::serve(\&run, sub { ['error', $_[0]] });

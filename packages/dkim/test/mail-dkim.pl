# DKIM by Mail::DKIM. Reads a job as a line of JSON each, writes its result as a line of JSON.
# {"verify": message, "dns": {name: [text]}} -> [[passed, detail], ...] for each signature that it can read
# {"sign": message, "keyFile", "header", "body", "domain", "selector"} -> field
use strict;
no warnings;
use FindBin;
use lib $FindBin::Bin;
use JSON::PP;
use Mail::DKIM::Signer;
use Mail::DKIM::Verifier;
use MailDkimPeer;

sub run {
    my ($job) = @_;
    if (defined $job->{verify}) {
        my $verifier = MailDkimPeer::feed(Mail::DKIM::Verifier->new(Strict => 1), $job->{verify});
        my @results = map { [$_->result && $_->result eq 'pass' ? JSON::PP::true : JSON::PP::false, $_->result_detail] } $verifier->signatures;
        return @results ? \@results : [[JSON::PP::false, $verifier->{signature_reject_reason}]];
    }
    my %settings = (Domain => $job->{domain}, Selector => $job->{selector}, KeyFile => $job->{keyFile});
    my $method = "$job->{header}/$job->{body}";
    my $signer = Mail::DKIM::Signer->new(%settings, Algorithm => 'rsa-sha256', Method => $method);
    MailDkimPeer::feed($signer, $job->{sign});
    return $signer->signature->as_string . "\015\012";
}

MailDkimPeer::serve(\&run, sub { [[JSON::PP::false, $_[0]]] });

# DKIM by Mail::DKIM. Reads a job as a line of JSON each, writes its result as a line of JSON. Messages are base64, texts have a character a byte.
# {"verify": message, "dns": {name: [text]}} -> [[passed, detail], ...] for each signature that it can read
# {"sign": message, "keyFile", "header", "body", "domain", "selector"} -> field
use strict;
no warnings;
use JSON::PP;
use MIME::Base64;
use Mail::DKIM::Signer;
use Mail::DKIM::Verifier;

package Record { sub new { my ($class, $text) = @_; return bless {text => $text}, $class } sub type { 'TXT' } sub txtdata { return ($_[0]{text}) } }

package main;
my $json = JSON::PP->new->utf8->canonical;
my $zone = {};
{
    no warnings 'redefine';
    *Mail::DKIM::DNS::query = sub {
        my ($name) = @_;
        my $texts = $zone->{lc $name};
        if (!$texts) { $@ = 'NXDOMAIN'; return }
        return map { Record->new($_) } @$texts;
    };
}

sub feed {
    my ($machine, $message) = @_;
    $machine->PRINT($message);
    $machine->CLOSE;
    return $machine;
}

sub run {
    my ($job) = @_;
    $zone = $job->{dns} // {};
    if (defined $job->{verify}) {
        my $verifier = feed(Mail::DKIM::Verifier->new(Strict => 1), decode_base64($job->{verify}));
        my @results = map { [$_->result && $_->result eq 'pass' ? JSON::PP::true : JSON::PP::false, $_->result_detail] } $verifier->signatures;
        return @results ? \@results : [[JSON::PP::false, $verifier->{signature_reject_reason}]];
    }
    my %settings = (Domain => $job->{domain}, Selector => $job->{selector}, KeyFile => $job->{keyFile});
    my $method = "$job->{header}/$job->{body}";
    my $signer = Mail::DKIM::Signer->new(%settings, Algorithm => 'rsa-sha256', Method => $method);
    feed($signer, decode_base64($job->{sign}));
    return $signer->signature->as_string . "\015\012";
}

$| = 1;
# What it says of odd input is no news.
$SIG{__WARN__} = sub { };
while (my $line = <STDIN>) {
    my $result = eval { run($json->decode($line)) } // [[JSON::PP::false, "$@"]];
    print $json->allow_nonref->encode($result), "\n";
}

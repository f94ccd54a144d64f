# ARC by Mail::DKIM. Reads a job as a line of JSON each, writes its result as a line of JSON. Messages are base64, texts have a character a byte.
# {"verify": message, "dns": {name: [text]}} -> [status, detail]
# {"seal": message, "keyFile", "domain", "selector", "server"} -> the fields; the message has the results of "server" on top
use strict;
no warnings;
use JSON::PP;
use MIME::Base64;
use Mail::DKIM::ARC::Signer;
use Mail::DKIM::ARC::Verifier;

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
        my $verifier = feed(Mail::DKIM::ARC::Verifier->new(Strict => 1), decode_base64($job->{verify}));
        return [$verifier->result, $verifier->result_detail];
    }
    my $signer = Mail::DKIM::ARC::Signer->new(
        Algorithm => 'rsa-sha256', Chain => 'ar', SrvId => $job->{server},
        Domain => $job->{domain}, Selector => $job->{selector}, KeyFile => $job->{keyFile},
    );
    feed($signer, decode_base64($job->{seal}));
    return join '', map { "$_\015\012" } $signer->as_strings;
}

$| = 1;
# What it says of odd input is no news.
$SIG{__WARN__} = sub { };
while (my $line = <STDIN>) {
    my $result = eval { run($json->decode($line)) } // ['error', "$@"];
    print $json->allow_nonref->encode($result), "\n";
}

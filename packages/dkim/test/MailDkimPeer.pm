# What drivers of Mail::DKIM share: a DNS of its own, a message fed, jobs as lines of JSON. Messages are base64, texts have a character a byte.
package MailDkimPeer;
use strict;
no warnings;
use JSON::PP;
use MIME::Base64;
use Mail::DKIM::DNS;

package MailDkimPeer::Record {
    sub new { my ($class, $text) = @_; return bless {text => $text}, $class }
    sub type { 'TXT' }
    sub txtdata { return ($_[0]{text}) }
}

my $zone = {};
{
    no warnings 'redefine';
    *Mail::DKIM::DNS::query = sub {
        my ($name) = @_;
        my $texts = $zone->{lc $name};
        if (!$texts) { $@ = 'NXDOMAIN'; return }
        return map { MailDkimPeer::Record->new($_) } @$texts;
    };
}

# Feeds a message to a signer or verifier.
sub feed {
    my ($machine, $message) = @_;
    $machine->PRINT(decode_base64($message));
    $machine->CLOSE;
    return $machine;
}

# Runs a job for each line of the input; what goes wrong becomes a result, too.
sub serve {
    my ($run, $failed) = @_;
    my $json = JSON::PP->new->utf8->canonical->allow_nonref;
    $| = 1;
    # What Mail::DKIM says of odd input is no news.
    $SIG{__WARN__} = sub { };
    while (my $line = <STDIN>) {
        my $job = $json->decode($line);
        $zone = $job->{dns} // {};
        my $result = eval { $run->($job) } // $failed->("$@");
        print $json->encode($result), "\n";
    }
}

1;

# Evaluates SPF with Perl's Mail::SPF: reads {"zone": {name: {type: [data]}}, "cases": [[ip, sender, helo]], "voidLookups": limit or null}
# as a line of JSON each, writes [[result, explanation, [questions]]] as a line of JSON.
use strict;
use warnings;
BEGIN { *CORE::GLOBAL::time = sub { 1700000000 }; }
use JSON::PP;
use Mail::SPF;
use Mail::SPF::Mod::Exp;

# What Mail::SPF uses of a packet of Net::DNS and of its records.
package Record { sub new { my ($class, %is) = @_; bless {%is}, $class } sub type { $_[0]{type} } sub address { $_[0]{data} }
  sub exchange { $_[0]{data}[1] } sub preference { $_[0]{data}[0] } sub ptrdname { $_[0]{data} } sub char_str_list { @{$_[0]{data}} } }
package Packet { sub new { my ($class, %is) = @_; bless {%is}, $class } sub header { $_[0] } sub rcode { $_[0]{rcode} } sub answer { @{$_[0]{answer}} } }
package Zone {
  sub new { my ($class, $zone) = @_; bless {zone => $zone, asked => [], error => ''}, $class }
  sub errorstring { $_[0]{error} }
  sub send {
    my ($self, $name, $type) = @_;
    push @{$self->{asked}}, lc($name) . " $type" unless $Zone::unheard || $name eq '';
    $self->{error} = '';
    my $node = $self->{zone}{lc $name};
    for (1 .. 8) { last if !$node || !$node->{CNAME} || $node->{$type}; $node = $self->{zone}{$node->{CNAME}} }
    my $fail = $node && $node->{fail}{$type};
    if ($fail && $fail eq 'timeout') { $self->{error} = 'query timed out'; return undef }
    return Packet->new(rcode => 'SERVFAIL', answer => []) if $fail;
    my @answer = map { Record->new(type => $type, data => $_) } @{($node && $node->{$type}) || []};
    return Packet->new(rcode => $node ? 'NOERROR' : 'NXDOMAIN', answer => \@answer);
  }
}
package main;

# Questions for an explanation are not compared: Mail::SPF asks them whatever the result.
my $explain = \&Mail::SPF::Mod::Exp::process;
{ no warnings 'redefine'; *Mail::SPF::Mod::Exp::process = sub { local $Zone::unheard = 1; $explain->(@_) }; }

my $json = JSON::PP->new->latin1;
$| = 1;
while (my $line = <STDIN>) {
  my $job = $json->decode($line);
  my @results;
  for my $case (@{$job->{cases}}) {
    my ($ip, $sender, $helo) = @$case;
    my $zone = Zone->new($job->{zone});
    my @result = eval {
      my $server = Mail::SPF::Server->new(
        dns_resolver => $zone, query_rr_types => Mail::SPF::Server->query_rr_type_txt, hostname => 'mx.example', default_authority_explanation => '',
        max_void_dns_lookups => $job->{voidLookups},
      );
      my $identity = $sender eq '' ? "postmaster\@$helo" : $sender;
      my $request = Mail::SPF::Request->new(versions => [1], scope => 'mfrom', identity => $identity, ip_address => $ip, helo_identity => $helo);
      my $result = $server->process($request);
      local $Zone::unheard = 1;
      my $why = $result->code eq 'fail' ? eval { $result->authority_explanation . '' } : undef;
      ($result->code, $why);
    };
    my $error = "$@";
    $error = $@->text if ref $@ && $@->can('text');
    @result = ("exception: $error", undef) unless @result;
    push @results, [$result[0], $result[1], $zone->{asked}];
  }
  print $json->encode(\@results), "\n";
}

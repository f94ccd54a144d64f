# Asks Perl's Mail::DMARC: reads a job as a line of JSON each, and writes what came of it as one.
# {"do": "evaluate", "texts": {name: [[string]]}, "from", "spf": {"domain", "result"}, "dkim": [...], "sample"} -> {result, disposition, ...}
# {"do": "destinations", "texts", "domain", "uris": [uri]} -> {"statuses": [internal | authorized | refused]}
# {"do": "build", "report": {...}} -> {xml}; {"do": "read", "xml"} -> {report}
use strict;
use warnings;
my $sample = 0;
BEGIN { *CORE::GLOBAL::rand = sub { $sample }; }
use JSON::PP;
use Mail::DMARC::PurePerl;
use Mail::DMARC::Report::Receive;
use Mail::DMARC::Report::Aggregate;
use Mail::DMARC::Report::Aggregate::Record;

# What Mail::DMARC uses of a packet of Net::DNS and of its records.
package Record {
  sub new { my ($class, %is) = @_; bless {%is}, $class }
  sub type { $_[0]{type} }
  sub address { '192.0.2.1' }
  sub txtdata { wantarray ? @{$_[0]{data}} : join ' ', @{$_[0]{data}} }
}
package Packet { sub new { my ($class, @answer) = @_; bless {answer => \@answer}, $class } sub answer { @{$_[0]{answer}} } }
package Zone {
  sub new { my ($class, $texts) = @_; bless {texts => $texts}, $class }
  sub query { my ($self, $name, $type) = @_; $type eq 'A' ? Packet->new(Record->new(type => 'A')) : undef }
  sub send { my ($self, $name, $type) = @_; Packet->new(map { Record->new(type => 'TXT', data => $_) } @{$self->{texts}{lc $name} || []}) }
}
package main;

no warnings 'redefine';
my %suffixes = map { $_ => 1 } qw(com test example co.test *.wild.test);
*Mail::DMARC::Base::get_public_suffix_list = sub { \%suffixes };

sub evaluate {
  my ($job) = @_;
  $sample = $job->{sample};
  my $dmarc = Mail::DMARC::PurePerl->new;
  $dmarc->init;
  $dmarc->set_resolver(Zone->new($job->{texts}));
  $dmarc->source_ip('192.0.2.1');
  $dmarc->header_from($job->{from});
  $dmarc->spf([{%{$job->{spf}}, scope => 'mfrom'}]) if $job->{spf};
  $dmarc->dkim([map { {%$_, selector => 's'} } @{$job->{dkim}}]) if @{$job->{dkim}};
  my $result = $dmarc->validate;
  my $published = eval { $result->published };
  return {
    result => $result->result, disposition => $result->disposition, spf => $result->spf, dkim => $result->dkim,
    domain => $published && $published->domain, reasons => [map { $_->type . ': ' . ($_->comment || '') } @{$result->reason || []}],
  };
}

sub destinations {
  my ($job) = @_;
  my @statuses;
  for my $uri (@{$job->{uris}}) {
    my $dmarc = Mail::DMARC::PurePerl->new;
    $dmarc->init;
    $dmarc->set_resolver(Zone->new($job->{texts}));
    $dmarc->result->published(Mail::DMARC::Policy->new("v=DMARC1; p=none; domain=$job->{domain}"));
    my ($parsed) = @{$dmarc->report->uri->parse($uri)};
    push @statuses, !$dmarc->external_report($parsed->{uri}) ? 'internal' : $dmarc->verify_external_reporting($parsed) ? 'authorized' : 'refused';
  }
  return {statuses => \@statuses};
}

sub build {
  my ($job) = @_;
  my $from = $job->{report};
  my $report = Mail::DMARC::Report::Aggregate->new;
  my $meta = $report->metadata;
  $meta->$_($from->{$_}) for qw(org_name email extra_contact_info report_id begin end);
  $meta->error($_) for @{$from->{errors}};
  $report->policy_published(Mail::DMARC::Policy->new(%{$from->{policy}}, v => 'DMARC1'));
  for my $row (@{$from->{records}}) {
    my $record = Mail::DMARC::Report::Aggregate::Record->new;
    $record->identifiers(%{$row->{identifiers}});
    $record->auth_results->dkim($_) for @{$row->{dkim}};
    $record->auth_results->spf($_) for @{$row->{spf}};
    $record->row(source_ip => $row->{source_ip}, count => $row->{count});
    $record->row->policy_evaluated(%{$row->{evaluated}});
    $record->row->policy_evaluated->reason($_) for @{$row->{reasons}};
    $report->record($record);
  }
  return {xml => $report->as_xml};
}

sub plain {
  my ($value) = @_;
  return [map { plain($_) } @$value] if UNIVERSAL::isa($value, 'ARRAY');
  return {map { $_ => plain($value->{$_}) } grep { $_ ne 'config' && $_ ne 'uri' } keys %$value} if UNIVERSAL::isa($value, 'HASH');
  return $value;
}

sub receive {
  my ($job) = @_;
  my $receiver = Mail::DMARC::Report::Receive->new;
  $receiver->report->init;
  *Mail::DMARC::Report::save_aggregate = sub { 1 };
  $receiver->handle_body($job->{xml});
  return {report => plain($receiver->report->aggregate)};
}

my $json = JSON::PP->new->ascii->allow_blessed->canonical;
my %jobs = (evaluate => \&evaluate, destinations => \&destinations, build => \&build, read => \&receive);
$| = 1;
local $SIG{__WARN__} = sub {};
while (my $line = <STDIN>) {
  my $job = $json->decode($line);
  my $answer = eval { $jobs{$job->{do}}->($job) } || {error => "$@"};
  print $json->encode($answer), "\n";
}

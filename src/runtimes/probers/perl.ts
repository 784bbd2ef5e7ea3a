/**
 * The prober for Perl, which every Debian and Ubuntu image has (perl-base: Socket, Errno, IO::Select, POSIX; not Time::HiRes). No TLS.
 * Its protocol is described in `protocol.ts`.
 */
export const perlProber = `
use strict; use Socket qw(:DEFAULT getaddrinfo getnameinfo NI_NUMERICHOST NIx_NOSERV SOCK_STREAM EAI_AGAIN SOL_SOCKET SO_ERROR);
use Errno; use IO::Handle; use IO::Select; use Fcntl; use POSIX ();
my $ticks = POSIX::sysconf(POSIX::_SC_CLK_TCK());
sub now { return (POSIX::times())[0] / $ticks; }
my ($mode, $host, $port, $tls, $seconds, $size, $payload) = @ARGV;
my $start = now(); my $end = $start + $seconds;
sub left { my $l = $end - now(); return $l > 0.05 ? $l : 0.05; }
sub say_ { syswrite STDERR, join(' ', @_) . "\\n"; }
sub since { return int((now() - $start) * 1000); }
sub name { my $code = shift; local $! = $code; for (qw(ECONNREFUSED ETIMEDOUT EHOSTUNREACH ENETUNREACH ECONNRESET EACCES ENOPROTOOPT EADDRNOTAVAIL EAFNOSUPPORT EPIPE EHOSTDOWN ENETDOWN)) { return $_ if exists $!{$_} && $!{$_}; } return "E$code"; }
$SIG{PIPE} = 'IGNORE';
$SIG{ALRM} = sub { say_('lookup', 'ETIMEDOUT'); exit 0; };
alarm(int($seconds + 0.999));
my ($error, @found) = getaddrinfo($host, $port, { socktype => SOCK_STREAM });
alarm(0);
if ($error) { say_('lookup', $error == EAI_AGAIN ? 'EAI_AGAIN' : 'ENOTFOUND', "$error"); exit 0; }
my (%known, @all);
for my $info (@found) {
  my ($bad, $text) = getnameinfo($info->{addr}, NI_NUMERICHOST, NIx_NOSERV);
  next if $bad || $known{$text}++;
  push @all, [$text, $info];
}
say_('addresses', map { $_->[0] } @all);
exit 0 if $mode eq 'resolve';
my $select = IO::Select->new; my %open; my $won;
for my $one (@all) {
  my ($text, $info) = @$one;
  my $socket;
  if (!socket($socket, $info->{family}, $info->{socktype}, $info->{protocol})) { say_('failed', $text, name($! + 0), since()); next; }
  fcntl($socket, F_SETFL, fcntl($socket, F_GETFL, 0) | O_NONBLOCK);
  if (connect($socket, $info->{addr}) || $!{EINPROGRESS}) { $select->add($socket); $open{fileno $socket} = [$text, $socket]; }
  else { say_('failed', $text, name($! + 0), since()); }
}
while ($select->count && !$won && now() < $end) {
  for my $socket ($select->can_write(left())) {
    my $code = unpack('i', getsockopt($socket, SOL_SOCKET, SO_ERROR));
    my ($text) = @{delete $open{fileno $socket}};
    $select->remove($socket);
    if ($code) { say_('failed', $text, name($code), since()); }
    elsif (!$won) { $won = $socket; say_('connected', $text, since()); }
  }
}
if (!$won) { say_('failed', $_->[0], 'ETIMEDOUT', since()) for values %open; exit 0; }
exit 0 if $mode eq 'connect';
my $reader = IO::Select->new($won); my $count = 0;
my $sent = 0;
while ($sent < length $payload) {
  if (!IO::Select->new($won)->can_write(left()) || now() > $end) { say_('broke', 'ETIMEDOUT'); exit 0; }
  my $n = syswrite($won, $payload, length($payload) - $sent, $sent);
  if (!defined $n) { next if $!{EAGAIN}; say_('broke', name($! + 0)); exit 0; }
  $sent += $n;
}
while ($count < $size) {
  if (now() > $end || !$reader->can_read(left())) { say_('broke', 'ETIMEDOUT'); exit 0; }
  my $n = sysread($won, my $data, 65536);
  if (!defined $n) { next if $!{EAGAIN}; say_('broke', name($! + 0)); exit 0; }
  last if $n == 0;
  $count += $n;
  STDOUT->blocking(1);
  print STDOUT $data;
  STDOUT->flush;
}
say_('end', $count);
`.trim();

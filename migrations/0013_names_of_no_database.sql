-- Guesses at names of no database are held back like guesses in a database, so that a throttle does not tell which
-- names there are. Where names are hidden, one database counts for all names of none.

alter table throttles drop constraint throttles_kind_check;
alter table throttles add constraint throttles_kind_check check (kind in (
    'account', 'address', 'address_56', 'address_48', 'spray', 'device', 'known_network', 'code', 'code_guess',
    'confirmation', 'tried'
));
comment on column throttles.subject is
    'account: login_key; address and spray: IPv4 address or IPv6 /64; address_56 and address_48: IPv6 network; '
    'device: known_devices.id; known_network: known_networks.id; code: log_in_codes.id; '
    'code_guess: IPv4 address or IPv6 /48; confirmation: sessions.id. '
    'For a name of no database that name, a line break, and the same as for a database. '
    'tried: name, network and login_key, with line breaks between them: a network has tried a login at the name, which '
    'log_in_attempts says for a database';

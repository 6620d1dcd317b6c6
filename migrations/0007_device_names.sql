-- People name their devices, and see which ones their account has not known for long.

alter table known_devices
    -- What its person calls it: kept here for its next session.
    add column name text check (char_length(name) <= 64),
    -- Since when the account knows it, if somebody had logged in to the account before; else null.
    add column new_since timestamptz;

grant select (id), update (name) on known_devices to latchkey_restricted;
create policy own_devices on known_devices for select to latchkey_restricted
    using (user_id = calling_user());
create policy name_own_devices on known_devices for update to latchkey_restricted
    using (user_id = calling_user()) with check (user_id = calling_user());

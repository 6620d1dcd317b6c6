-- People name their devices, and see which ones their account has not known for long.

-- A name is kept with the device, for its next session.
alter table known_devices add column name text;

alter table sessions
    -- The known device that logged in. No foreign key: devices are forgotten in batches of their own,
    -- which must not have to touch this table.
    add column device_id uuid,
    -- What the person calls the device.
    add column device_name text,
    -- Since when the account knows the device; null: since this session.
    add column device_known_since timestamptz;

grant select (device_id, device_name, device_known_since), update (device_name)
    on sessions to latchkey_restricted;
create policy name_devices_of_own_sessions on sessions for update to latchkey_restricted
    using (user_id = calling_user() and ended_at is null)
    with check (user_id = calling_user());

grant select (id), update (name) on known_devices to latchkey_restricted;
create policy own_devices on known_devices for select to latchkey_restricted
    using (user_id = calling_user());
create policy name_own_devices on known_devices for update to latchkey_restricted
    using (user_id = calling_user()) with check (user_id = calling_user());

-- A name is seen on every page that shows the list.
drop trigger sessions_notify_of_update on sessions;
create trigger sessions_notify_of_update after update on sessions
    for each row
    -- Not when a token is replaced: nobody sees that, and a commit that notifies waits for its turn.
    when (
        (old.ended_at, old.last_active_at, old.device_name)
            is distinct from (new.ended_at, new.last_active_at, new.device_name)
    )
    execute function notify_of_session();

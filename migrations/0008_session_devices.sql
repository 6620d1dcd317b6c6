-- A session takes over what is known of its device: a list joins nothing, and history stays as it was.
-- In a file of its own: whoever holds both tables waits for nobody who does.

alter table sessions
    -- The known device that logged in. No foreign key: devices are forgotten in batches of their own,
    -- which must not have to touch this table.
    add column device_id uuid,
    -- What the person calls the device.
    add column device_name text,
    -- Since when the account knows the device, if somebody had logged in to the account before; else null.
    add column device_new_since timestamptz,
    -- Not valid: nothing of what is there is looked at again, and nobody waits for that.
    add constraint sessions_device_name_length check (char_length(device_name) <= 64) not valid,
    add constraint sessions_ended_by_is_ended check (ended_by_session is null or ended_at is not null)
        not valid;

-- What has ended cannot be changed; sessions_end_whole and the constraint above say what an end is.
grant select (device_id, device_name, device_new_since), update (device_name)
    on sessions to latchkey_restricted;
drop policy end_own_sessions on sessions;
create policy change_own_sessions on sessions for update to latchkey_restricted
    using (user_id = calling_user() and ended_at is null)
    with check (user_id = calling_user());

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

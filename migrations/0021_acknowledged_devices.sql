-- A person says of a new device "It was me". The device is then no longer new: `new_since` becomes null, as with the
-- first device of an account. People also see since when their account knows a device.

grant select (created_at), update (new_since) on known_devices to latchkey_restricted;
grant update (device_new_since) on sessions to latchkey_restricted;

-- Every page that tells of the new device follows.
drop trigger sessions_notify_of_update on sessions;
create trigger sessions_notify_of_update after update on sessions
    for each row
    when (
        (old.ended_at, old.last_address, old.device_name, old.device_new_since)
            is distinct from (new.ended_at, new.last_address, new.device_name, new.device_new_since)
        or new.last_active_at >= old.last_active_at + interval '5 minutes'
    )
    execute function notify_of_session();

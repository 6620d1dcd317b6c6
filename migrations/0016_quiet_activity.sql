-- Activity without a break notifies no more. A commit that notifies waits for its turn behind all others of the
-- PostgreSQL server, and each session in use writes its activity once a minute. Pages that show it look again
-- after 15 seconds anyway.

drop trigger sessions_notify_of_update on sessions;
create trigger sessions_notify_of_update after update on sessions
    for each row
    -- Not when a token is replaced: no page shows that. A device that comes back after a break becomes "Active now",
    -- and another address may be a stranger's: both are told at once.
    when (
        (old.ended_at, old.last_address, old.device_name)
            is distinct from (new.ended_at, new.last_address, new.device_name)
        or new.last_active_at >= old.last_active_at + interval '5 minutes'
    )
    execute function notify_of_session();

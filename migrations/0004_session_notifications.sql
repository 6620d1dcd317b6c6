-- Whoever changes a session, by whatever path, tells all nodes when it commits: pages that show a
-- person's sessions update, and those of a session that has ended leave, without being asked.

create function notify_of_session() returns trigger language plpgsql as $$
begin
    -- PostgreSQL sends equal payloads of one transaction once.
    perform pg_notify('latchkey_sessions', coalesce(new.user_id, old.user_id)::text);
    return null;
end $$;

create trigger sessions_notify_of_insert after insert on sessions
    for each row execute function notify_of_session();

create trigger sessions_notify_of_update after update on sessions
    for each row
    -- Not when a token is replaced: nobody sees that, and a commit that notifies waits for its turn.
    when ((old.ended_at, old.last_active_at) is distinct from (new.ended_at, new.last_active_at))
    execute function notify_of_session();

-- Clearing history away changes nothing that anybody sees.
create trigger sessions_notify_of_delete after delete on sessions
    for each row when (old.ended_at is null) execute function notify_of_session();

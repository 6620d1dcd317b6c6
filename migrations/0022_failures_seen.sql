-- Home counts failed log-ins until the person has looked at them under Activity.

alter table users
    -- The last failed log-in that the person has looked at.
    add column failures_seen_at timestamptz;

grant update (failures_seen_at) on users to latchkey_restricted;
create policy look_at_own_failures on users for update to latchkey_restricted
    using (id = calling_user());

-- Open pages follow a look at once. They see a failed log-in at their next look and not by a notification: guesses come in
-- floods, a commit that notifies waits for its turn, and a failure must take as long at an unknown login.
create function notify_of_user() returns trigger language plpgsql as $$
begin
    perform pg_notify('latchkey_sessions', new.id::text);
    return null;
end $$;

create trigger users_notify_of_look after update on users
    for each row when (old.failures_seen_at is distinct from new.failures_seen_at)
    execute function notify_of_user();

-- The latest attempt on a user's account. Open pages compare the attempt with the one of their last look.
create function latest_attempt_on(asked uuid) returns uuid language sql stable
    return (select id from log_in_attempts where user_id = asked order by at desc, id desc limit 1);

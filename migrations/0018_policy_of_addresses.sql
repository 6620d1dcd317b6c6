-- Addresses of a session are found by that session, and not among all sessions that the person ever had: with ten
-- thousand of them a list of twenty devices took milliseconds.

drop policy addresses_of_own_sessions on session_addresses;
create policy addresses_of_own_sessions on session_addresses for select to latchkey_restricted
    using (exists (
        select from sessions where sessions.id = session_id and sessions.user_id = calling_user()
    ));

-- A log-in may leave steps to the person, such as replacing a one-time password. The session names the steps that
-- are left, and reaches nothing else until they are done. Sessions that wait for a new password keep waiting.
alter table sessions add column pending text[] not null default '{}'
    check (pending <@ array['new_password']);

update sessions s set pending = array['new_password']
from users u where u.id = s.user_id and u.password_is_one_time and s.ended_at is null;

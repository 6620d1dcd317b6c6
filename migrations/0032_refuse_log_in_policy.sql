-- A policy may say that a log-in beyond the largest number of sessions is refused.

lock table policies in access exclusive mode;

alter table policies drop constraint policies_setting_check;
alter table policies add constraint policies_setting_check check (setting in (
    'idle_timeout', 'absolute_timeout', 'shared_idle_timeout', 'confirmation_timeout', 'max_sessions', 'shared_computer',
    'min_password_length', 'refuse_log_in'
));

-- A session keeps values for those who handle its requests, by key.

alter table sessions
    add column context jsonb not null default '{}',
    -- Not valid: the rows that are there have the default, and are not looked at again.
    add constraint sessions_context_is_object check (jsonb_typeof(context) = 'object') not valid;

grant select (context), update (context) on sessions to latchkey_restricted;

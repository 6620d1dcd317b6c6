-- The audit log: who has changed users, companies, groups and record rules, from where, and what was before and after. Triggers write
-- the entries, so that they also have what commands and other programs change. Entries stay: a trigger refuses to change or delete
-- them.

-- All locks at once, in the order in which requests take them: each new trigger would take the next one.
lock table companies, groups, group_implies, access_rights, record_rules, users in share row exclusive mode;

create table audit_entries (
    -- Entries of one moment have an order, too.
    id bigint generated always as identity primary key,
    -- The beginning of the transaction, by the clock of PostgreSQL.
    at timestamptz not null default now(),
    -- The person who acted, whose session and where from. Null: a command on the server, or another program. These columns refer to
    -- no row, because entries outlive users and sessions.
    actor_id uuid,
    actor_login text,
    session_id uuid,
    address inet,
    user_agent text,
    subject text not null check (subject in ('user', 'company', 'group', 'rule')),
    subject_id uuid not null,
    -- The login, the technical name or the name that the subject had.
    subject_name text not null,
    action text not null check (action in (
        'created', 'changed', 'deleted', 'password_set', 'log_in_code_made', 'logged_out'
    )),
    -- The fields that differ, by name: never a secret.
    before jsonb not null,
    after jsonb not null
);
create index audit_entries_by_subject on audit_entries (subject, id desc);

create function refuse_change_of_entries() returns trigger language plpgsql as $$
begin
    raise exception 'rows of % are inserted, and neither updated nor deleted', tg_table_name;
end $$;
create trigger audit_entries_stay before update or delete or truncate on audit_entries
    for each statement execute function refuse_change_of_entries();

-- The server tells each transaction who acts, as JSON.
create function write_audit_entry(
    subject text, subject_id uuid, subject_name text, action text, before jsonb, after jsonb
) returns void language sql as $$
    insert into audit_entries (
        actor_id, actor_login, session_id, address, user_agent,
        subject, subject_id, subject_name, action, before, after
    )
    select (actor ->> 'user_id')::uuid, actor ->> 'login', (actor ->> 'session_id')::uuid,
        (actor ->> 'address')::inet, actor ->> 'user_agent',
        subject, subject_id, subject_name, action, before, after
    from (select nullif(current_setting('latchkey.actor', true), '')::jsonb as actor) told
$$;

-- The fields of one state that the other state does not have, or has with another value.
create function differing(one jsonb, other jsonb) returns jsonb language sql immutable
    return (
        select coalesce(jsonb_object_agg(field.key, field.value), '{}')
        from jsonb_each(one) field where field.value is distinct from other -> field.key
    );

create function audit_change(
    subject text, subject_id uuid, subject_name text, before jsonb, after jsonb
) returns void language sql as $$
    select write_audit_entry(
        subject, subject_id, subject_name, 'changed', differing(before, after), differing(after, before)
    )
    where before <> after
$$;

-- A user. Groups have their technical names; companies in use have their names. The bodies of functions of this name are strings, so that
-- a later migration may change the columns.
create function audited(asked users) returns jsonb language sql stable as $$
    select jsonb_build_object(
        'login', asked.login,
        'name', asked.name,
        'disabled', asked.disabled_at is not null,
        'groups', (
            select coalesce(jsonb_agg(g.name order by g.name), '[]') from groups g where g.id = any(asked.group_ids)
        ),
        'companies', (
            select coalesce(jsonb_agg(c.name order by c.name), '[]')
            from companies c where c.id = any(asked.company_ids)
        )
    )
$$;

-- One transaction changes a user in several statements, which make one entry at its end. Until then this table keeps what the user was
-- before the first of them; null: the transaction creates the user.
create table audit_pending (
    user_id uuid primary key,
    before jsonb
);

create function remember_user() returns trigger language plpgsql as $$
begin
    if tg_op = 'INSERT' then
        insert into audit_pending (user_id) values (new.id) on conflict do nothing;
    -- The setting: the archiving of a company and the deletion of a group are one entry each, however many users they concern.
    elsif (old.login, old.name, old.disabled_at, old.group_ids, old.company_ids)
            is distinct from (new.login, new.name, new.disabled_at, new.group_ids, new.company_ids)
        and current_setting('latchkey.audit_quiet', true) is distinct from 'on'
    then
        insert into audit_pending (user_id, before) values (new.id, audited(old)) on conflict do nothing;
    end if;
    return null;
end $$;
create trigger users_audit_first after insert or update on users for each row execute function remember_user();

create function audit_pending_user() returns trigger language plpgsql as $$
declare
    is_pending boolean;
    before jsonb;
    fresh users;
begin
    delete from audit_pending p where p.user_id = new.user_id returning true, p.before into is_pending, before;
    select * into fresh from users where id = new.user_id;
    if is_pending and fresh.id is not null then
        if before is null then
            perform write_audit_entry('user', fresh.id, fresh.login, 'created', '{}', audited(fresh));
        else
            perform audit_change('user', fresh.id, fresh.login, before, audited(fresh));
        end if;
    end if;
    return null;
end $$;
create constraint trigger audit_pending_users after insert on audit_pending deferrable initially deferred
    for each row execute function audit_pending_user();

create function audit_deleted_user() returns trigger language plpgsql as $$
begin
    perform write_audit_entry('user', old.id, old.login, 'deleted', audited(old), '{}');
    return null;
end $$;
create trigger users_audit_deleted after delete on users for each row execute function audit_deleted_user();

create function audited(asked companies) returns jsonb language sql immutable as $$
    select jsonb_build_object(
        'name', asked.name, 'colour', asked.colour, 'archived', asked.archived_at is not null
    )
$$;

create function audit_company() returns trigger language plpgsql as $$
begin
    case tg_op
        when 'INSERT' then
            perform write_audit_entry('company', new.id, new.name, 'created', '{}', audited(new));
        when 'UPDATE' then
            perform audit_change('company', new.id, new.name, audited(old), audited(new));
        when 'DELETE' then
            perform write_audit_entry('company', old.id, old.name, 'deleted', audited(old), '{}');
    end case;
    return null;
end $$;
create trigger companies_audit after insert or update or delete on companies
    for each row execute function audit_company();

create function audited(asked groups) returns jsonb language sql immutable as $$
    select jsonb_build_object('title', asked.title, 'about', asked.about)
$$;

create function audit_group() returns trigger language plpgsql as $$
begin
    case tg_op
        when 'INSERT' then
            perform write_audit_entry('group', new.id, new.name, 'created', '{}', audited(new));
        when 'UPDATE' then
            perform audit_change('group', new.id, new.name, audited(old), audited(new));
        when 'DELETE' then
            -- Before the deletion takes along who was in the group, its rights and what it implies.
            perform write_audit_entry(
                'group', old.id, old.name, 'deleted',
                audited(old) || jsonb_build_object(
                    'users', (select count(*) from user_groups where group_id = old.id),
                    'implies', (
                        select coalesce(jsonb_agg(g.name order by g.name), '[]')
                        from group_implies i join groups g on g.id = i.implied_id where i.group_id = old.id
                    ),
                    'implied_by', (
                        select coalesce(jsonb_agg(g.name order by g.name), '[]')
                        from group_implies i join groups g on g.id = i.group_id where i.implied_id = old.id
                    )
                ) || (
                    select coalesce(jsonb_object_agg('rights.' || resource, verbs), '{}')
                    from access_rights where group_id = old.id
                ),
                '{}'
            );
            return old;
    end case;
    return null;
end $$;
create trigger groups_audit after insert or update on groups for each row execute function audit_group();
create trigger groups_audit_deleted before delete on groups for each row execute function audit_group();

-- The rights of a group on a resource, which are gone with the group.
create function audit_right() returns trigger language plpgsql as $$
declare
    of_group groups;
    field text := 'rights.' || coalesce(new.resource, old.resource);
begin
    select * into of_group from groups where id = coalesce(new.group_id, old.group_id);
    if of_group.id is not null then
        perform audit_change(
            'group', of_group.id, of_group.name,
            jsonb_build_object(field, coalesce(old.verbs, '{}')),
            jsonb_build_object(field, coalesce(new.verbs, '{}'))
        );
    end if;
    return null;
end $$;
create trigger access_rights_audit after insert or update or delete on access_rights
    for each row execute function audit_right();

-- The groups that a group implies.
create function audit_implied() returns trigger language plpgsql as $$
declare
    of_group groups;
    implied text;
begin
    select * into of_group from groups where id = coalesce(new.group_id, old.group_id);
    select name into implied from groups where id = coalesce(new.implied_id, old.implied_id);
    if of_group.id is not null and implied is not null then
        perform write_audit_entry(
            'group', of_group.id, of_group.name, 'changed',
            case tg_op when 'DELETE' then jsonb_build_object('implies', jsonb_build_array(implied)) else '{}' end,
            case tg_op when 'INSERT' then jsonb_build_object('implies', jsonb_build_array(implied)) else '{}' end
        );
    end if;
    return null;
end $$;
create trigger group_implies_audit after insert or delete on group_implies
    for each row execute function audit_implied();
create trigger group_implies_never_updated before update on group_implies
    for each statement execute function refuse_update();

create function audited(asked record_rules) returns jsonb language sql stable as $$
    select jsonb_build_object(
        'name', asked.name, 'resource', asked.resource, 'verbs', asked.verbs, 'scope', asked.scope,
        'group', (select g.name from groups g where g.id = asked.group_id)
    )
$$;

create function audit_rule() returns trigger language plpgsql as $$
begin
    case tg_op
        when 'INSERT' then
            perform write_audit_entry('rule', new.id, new.name, 'created', '{}', audited(new));
        when 'UPDATE' then
            perform audit_change('rule', new.id, new.name, audited(old), audited(new));
        when 'DELETE' then
            perform write_audit_entry('rule', old.id, old.name, 'deleted', audited(old), '{}');
    end case;
    return null;
end $$;
create trigger record_rules_audit after insert or update or delete on record_rules
    for each row execute function audit_rule();

-- Archived companies and deleted groups: while these change the copies in `users`, no entries of users are written.
create or replace function copy_companies_of_users() returns trigger language plpgsql as $$
declare
    was_quiet text := coalesce(current_setting('latchkey.audit_quiet', true), '');
begin
    perform from users where id in (select user_id from user_companies where company_id = new.id)
    order by id for update;
    perform set_config('latchkey.audit_quiet', 'on', true);
    update users set company_ids = fresh.ids
    from (select user_id, companies_of(user_id) as ids from user_companies where company_id = new.id) fresh
    where users.id = fresh.user_id and users.company_ids <> fresh.ids;
    perform set_config('latchkey.audit_quiet', was_quiet, true);
    return null;
end $$;

create or replace function lock_users_of_group() returns trigger language plpgsql as $$
begin
    perform from users where id in (select user_id from user_groups where group_id = old.id)
    order by id for update;
    perform set_config('latchkey.audit_quiet', 'on', true);
    return old;
end $$;
-- PostgreSQL's own triggers, which take along who was in the group, come first: their names begin with a capital letter.
create function end_quiet() returns trigger language plpgsql as $$
begin
    perform set_config('latchkey.audit_quiet', '', true);
    return null;
end $$;
create trigger groups_end_quiet after delete on groups for each row execute function end_quiet();

alter table audit_entries enable row level security;
alter table audit_pending enable row level security;
grant select on audit_entries to latchkey_restricted;
-- An entry belongs to no user and no company, so that a rule which narrows the right to some of these lets none through.
create policy audit_entries_by_rules on audit_entries for select to latchkey_restricted
    using ((select rows_for('audit', 'read')) & 1 = 1);

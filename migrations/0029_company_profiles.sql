-- What a company brings for its users: the language and the time zone of those who have chosen none, and a logo. And open pages hear
-- that their session ends earlier.

-- All locks at once, in the order in which requests take them.
lock table companies in access exclusive mode;
select from access_version for update;
lock table sessions in share row exclusive mode;

alter table companies
    -- A BCP 47 code. Null: the language that the browser prefers.
    add column language text
        check (length(language) <= 35 and language ~ '^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$'),
    -- An IANA name. Null: the zone that the browser reports.
    add column time_zone text check (time_zone ~ '^[A-Za-z0-9/_+-]{1,64}$'),
    -- The row of `company_logos`. Another logo has another id, so that browsers keep a logo by its id.
    add column logo_id uuid;

-- The pictures stand apart, so that lists of companies do not read them.
create table company_logos (
    id uuid primary key,
    company_id uuid not null unique references companies on delete cascade,
    png bytea not null check (octet_length(png) <= 524288)
);

-- Nodes keep language, zone and logo with the rights.
create trigger companies_change_version after insert or update of language, time_zone, logo_id on companies
    for each statement execute function change_access_version();

create or replace function audited(asked companies) returns jsonb language sql immutable as $$
    select jsonb_build_object(
        'name', asked.name, 'colour', asked.colour, 'archived', asked.archived_at is not null,
        'language', asked.language, 'time_zone', asked.time_zone, 'logo', asked.logo_id
    )
$$;

-- People read the logos of the companies that they see.
alter table company_logos enable row level security;
grant select on company_logos to latchkey_restricted;
create policy logos_of_seen_companies on company_logos for select to latchkey_restricted
    using (company_id in (select id from companies));

-- An open page warns before its session ends: it hears that the session ends earlier, as by a new policy.
create or replace trigger sessions_notify_of_update after update on sessions
    for each row
    when (
        (
            old.ended_at, old.last_address, old.device_name, old.device_new_since,
            old.context -> 'companies', old.context -> 'debug'
        ) is distinct from (
            new.ended_at, new.last_address, new.device_name, new.device_new_since,
            new.context -> 'companies', new.context -> 'debug'
        )
        or new.last_active_at >= old.last_active_at + interval '5 minutes'
        or new.idle_expires_at < old.idle_expires_at
        or new.absolute_expires_at < coalesce(old.absolute_expires_at, 'infinity')
    )
    execute function notify_of_session();

-- An entry about a policy names the group as people know it: the entry has the id of the policy, and no technical name to search for.
create or replace function audit_policy() returns trigger language plpgsql as $$
declare
    policy policies := coalesce(new, old);
    subject text := current_database();
begin
    if policy.company_id is not null then
        select name into subject from companies where id = policy.company_id;
    elsif policy.group_id is not null then
        -- Pages have words for built-in groups.
        select case when is_built_in then name else title end into subject from groups where id = policy.group_id;
    end if;
    -- One entry has all policies of a deleted company or group.
    if subject is null then
        return null;
    end if;
    case tg_op
        when 'INSERT' then
            perform write_audit_entry('policy', policy.id, subject, 'created', '{}', audited(new));
        when 'UPDATE' then
            perform audit_change('policy', policy.id, subject, audited(old), audited(new));
        when 'DELETE' then
            perform write_audit_entry('policy', policy.id, subject, 'deleted', audited(old), '{}');
    end case;
    return null;
end $$;

-- The same for all policies of a group that was deleted. The function is that of companies, too, which have no title.
create or replace function audit_policies_of_deleted() returns trigger language plpgsql as $$
declare
    gone jsonb;
begin
    select jsonb_object_agg('policy.' || setting, value) into gone
    from policies where old.id in (company_id, group_id);
    if gone is not null then
        perform write_audit_entry(
            'policy', old.id, coalesce(to_jsonb(old) ->> 'title', old.name), 'deleted', gone, '{}'
        );
    end if;
    return old;
end $$;

-- Policies: what a database, a company or a group makes stricter than the configuration file does. Of the values that a user has by the
-- database, by companies and by groups, the smallest counts.

-- All locks at once, in the order in which requests take them.
lock table companies, groups in share row exclusive mode;
lock table audit_entries in access exclusive mode;

create table policies (
    id uuid primary key default gen_random_uuid(),
    -- The company or the group whose users the policy is for. Both null: all users of the database.
    company_id uuid references companies on delete cascade,
    group_id uuid references groups on delete cascade,
    setting text not null check (setting in (
        'idle_timeout', 'absolute_timeout', 'shared_idle_timeout', 'confirmation_timeout', 'max_sessions'
    )),
    -- Seconds, or for `max_sessions` a number.
    value integer not null check (value > 0),
    check (company_id is null or group_id is null)
);
create unique index policies_unique on policies (
    setting, coalesce(company_id, group_id, '00000000-0000-0000-0000-000000000000')
);
create index policies_by_company on policies (company_id);
create index policies_by_group on policies (group_id);

create trigger policies_version after insert or update or delete on policies
    for each statement execute function change_access_version();

alter table policies enable row level security;

alter table audit_entries drop constraint audit_entries_subject_check;
alter table audit_entries add constraint audit_entries_subject_check
    check (subject in ('user', 'company', 'group', 'rule', 'policy'));

create function audited(asked policies) returns jsonb language sql immutable as $$
    select jsonb_build_object('policy.' || asked.setting, asked.value)
$$;

-- The entry names the company, the group or the database that the policy is for.
create function audit_policy() returns trigger language plpgsql as $$
declare
    policy policies := coalesce(new, old);
    subject text := current_database();
begin
    if policy.company_id is not null then
        select name into subject from companies where id = policy.company_id;
    elsif policy.group_id is not null then
        select name into subject from groups where id = policy.group_id;
    end if;
    -- One entry has all policies of a deleted company or group: see below.
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
create trigger policies_audit after insert or update or delete on policies
    for each row execute function audit_policy();

-- The id in this entry is that of the company or the group.
create function audit_policies_of_deleted() returns trigger language plpgsql as $$
declare
    gone jsonb;
begin
    select jsonb_object_agg('policy.' || setting, value) into gone
    from policies where old.id in (company_id, group_id);
    if gone is not null then
        perform write_audit_entry('policy', old.id, old.name, 'deleted', gone, '{}');
    end if;
    return old;
end $$;
create trigger companies_audit_policies before delete on companies
    for each row execute function audit_policies_of_deleted();
create trigger groups_audit_policies before delete on groups
    for each row execute function audit_policies_of_deleted();

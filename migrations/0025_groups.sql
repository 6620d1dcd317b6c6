-- Groups and access rights. A user is in groups; a group implies other groups, and gives rights on resources.

-- The whole lock at once: a weaker lock that grows would deadlock with requests.
lock table users in access exclusive mode;

create table groups (
    id uuid primary key,
    -- The technical name, for commands, modules and debug mode.
    name text not null constraint groups_name_unique unique check (name ~ '^[a-z][a-z0-9_.]{0,62}$'),
    -- The name for people.
    title text not null check (char_length(title) between 1 and 100),
    -- What the group is for.
    about text not null default '' check (char_length(about) <= 500),
    -- The product relies on the group: it is neither renamed nor deleted.
    is_built_in boolean not null default false,
    created_at timestamptz not null
);

insert into groups (id, name, title, about, is_built_in, created_at) values
    (gen_random_uuid(), 'administrator', 'Administrator', 'Administers the database.', true, now()),
    (gen_random_uuid(), 'user', 'User', 'Works here.', true, now()),
    (gen_random_uuid(), 'portal', 'Portal', 'A guest from outside.', true, now());

create function group_named(asked text) returns uuid language sql stable
    return (select id from groups where name = asked);

-- Who is in the group is in the implied one, too.
create table group_implies (
    group_id uuid not null references groups on delete cascade,
    implied_id uuid not null references groups on delete cascade,
    primary key (group_id, implied_id)
);
create index group_implies_by_implied on group_implies (implied_id);

-- These groups, and all that they imply.
create function with_implied(given uuid[]) returns uuid[] language sql stable
    return array(
        with recursive reached (id) as (
            select unnest(given)
            union
            select i.implied_id from reached r join group_implies i on i.group_id = r.id
        )
        select id from reached order by id
    );

create function refuse_circle() returns trigger language plpgsql as $$
begin
    if new.group_id = any(with_implied(array[new.implied_id])) then
        raise exception 'group % would imply itself', new.group_id
            using errcode = 'check_violation', constraint = 'group_implies_no_circle', table = 'group_implies';
    end if;
    return null;
end $$;
create trigger group_implies_no_circle after insert or update on group_implies
    for each row execute function refuse_circle();

insert into group_implies (group_id, implied_id) values (group_named('administrator'), group_named('user'));

create table user_groups (
    user_id uuid not null references users on delete cascade,
    group_id uuid not null references groups on delete cascade,
    primary key (user_id, group_id)
);
create index user_groups_by_group on user_groups (group_id);

create function are_verbs(given text[]) returns boolean language sql immutable
    return given <@ array['read', 'write', 'create', 'delete'] and array_position(given, null) is null;

-- What a group may do with the rows of a resource. Without a row the group may do nothing.
create table access_rights (
    group_id uuid not null references groups on delete cascade,
    resource text not null check (resource ~ '^[a-z][a-z0-9_.]{0,62}$'),
    verbs text[] not null check (are_verbs(verbs)),
    primary key (group_id, resource)
);

insert into access_rights (group_id, resource, verbs)
select group_named('administrator'), resource, array['read', 'write', 'create', 'delete']
from unnest(array['users', 'companies', 'groups', 'settings', 'sessions']) resource;
insert into access_rights (group_id, resource, verbs)
select group_named('administrator'), resource, array['read']
from unnest(array['log_in_attempts', 'audit']) resource;

-- Which rows of a resource a right is for. A rule without a group narrows: all such rules must hold. The rules of a user's groups
-- widen each other: one must hold, if there is one.
create table record_rules (
    id uuid primary key,
    name text not null constraint record_rules_name_unique unique check (char_length(name) between 1 and 100),
    resource text not null check (resource ~ '^[a-z][a-z0-9_.]{0,62}$'),
    group_id uuid references groups on delete cascade,
    verbs text[] not null check (are_verbs(verbs) and cardinality(verbs) > 0),
    -- The rows of the user, of the companies that the session works for, of the companies that the user may work for, or all.
    scope text not null check (scope in ('own', 'active_companies', 'allowed_companies', 'all'))
);
create index record_rules_by_group on record_rules (group_id);

-- Each change of groups, of what they imply, of rights or of rules brings another version in its own transaction. A node keeps what it
-- has read as long as the version stays. The version is no number: after a recovery to an earlier moment a number would come twice.
create table access_version (
    is_only boolean primary key default true check (is_only),
    version uuid not null
);
insert into access_version (version) values (gen_random_uuid());

create function change_access_version() returns trigger language plpgsql as $$
begin
    update access_version set version = gen_random_uuid();
    return null;
end $$;
create trigger groups_change_version after insert or update or delete on groups
    for each statement execute function change_access_version();
create trigger group_implies_change_version after insert or update or delete on group_implies
    for each statement execute function change_access_version();
create trigger record_rules_change_version after insert or update or delete on record_rules
    for each statement execute function change_access_version();
create trigger access_rights_change_version after insert or update or delete on access_rights
    for each statement execute function change_access_version();

-- The groups that a user is in, without the implied ones. Triggers keep this copy of `user_groups`: every request reads the row of
-- its user. `is_administrator` stays a copy, too, for nodes that are not updated yet.
alter table users add column group_ids uuid[] not null default '{}';

insert into user_groups (user_id, group_id)
select u.id, g.id from users u
join groups g on g.name = case when u.is_administrator then 'administrator' else 'user' end;
update users u set group_ids = array[g.id] from groups g
where g.name = case when u.is_administrator then 'administrator' else 'user' end;

-- A set of groups is judged once, however many users have it. `materialized` keeps PostgreSQL from judging each user.
create type judged_groups as (group_ids uuid[], are_administrators boolean);

-- Refuses a set with the groups `user` and `portal`: a guest from outside does not work here.
create function judge_groups(given uuid[]) returns judged_groups language plpgsql stable as $$
declare
    reached uuid[] := with_implied(given);
begin
    if array[group_named('user'), group_named('portal')] <@ reached then
        raise exception 'a user would be in the groups user and portal'
            using errcode = 'check_violation', constraint = 'users_user_or_portal', table = 'users';
    end if;
    return (given, group_named('administrator') = any(reached))::judged_groups;
end $$;

create function copy_groups_of_users() returns trigger language plpgsql as $$
begin
    -- The locks come first, in the order of ids: the update then sees what another transaction has changed meanwhile.
    perform from users where id in (select user_id from changed) order by id for update;
    with own as materialized (
        select c.user_id, array(
            select group_id from user_groups g where g.user_id = c.user_id order by group_id
        ) as group_ids
        from (select distinct user_id from changed) c
    ), judged as materialized (
        select (judge_groups(group_ids)).* from (select distinct group_ids from own) sets
    )
    update users u set group_ids = own.group_ids, is_administrator = judged.are_administrators
    from own join judged using (group_ids)
    where u.id = own.user_id and u.group_ids <> own.group_ids;
    return null;
end $$;
create trigger user_groups_copy_inserted after insert on user_groups referencing new table as changed
    for each statement execute function copy_groups_of_users();
create trigger user_groups_copy_deleted after delete on user_groups referencing old table as changed
    for each statement execute function copy_groups_of_users();

create function refuse_update() returns trigger language plpgsql as $$
begin
    raise exception 'rows of % are inserted and deleted, and never updated', tg_table_name;
end $$;
create trigger user_groups_never_updated before update on user_groups
    for each statement execute function refuse_update();

-- A group that implies others changes what its users are.
create function judge_groups_of_all_users() returns trigger language plpgsql as $$
begin
    with sets as materialized (
        select distinct group_ids from users
    ), judged as materialized (
        select (judge_groups(group_ids)).* from sets
    )
    update users u set is_administrator = judged.are_administrators
    from judged
    where u.group_ids = judged.group_ids and u.is_administrator <> judged.are_administrators;
    return null;
end $$;
create trigger group_implies_judge after insert or update or delete on group_implies
    for each statement execute function judge_groups_of_all_users();

-- A new user is in a group, until the transaction says otherwise. Nodes that are not updated yet only know administrators and others.
create function give_first_group() returns trigger language plpgsql as $$
begin
    insert into user_groups (user_id, group_id)
    values (new.id, group_named(case when new.is_administrator then 'administrator' else 'user' end));
    return null;
end $$;
create trigger users_give_first_group after insert on users
    for each row execute function give_first_group();

-- The users come before the rows that say who is in the group, as in the deletion of a user.
create function lock_users_of_group() returns trigger language plpgsql as $$
begin
    perform from users where id in (select user_id from user_groups where group_id = old.id)
    order by id for update;
    return old;
end $$;
create trigger groups_lock_users before delete on groups
    for each row execute function lock_users_of_group();

create function refuse_change_of_built_in() returns trigger language plpgsql as $$
begin
    raise exception 'the group is built in'
        using errcode = 'check_violation', constraint = 'groups_built_in', table = 'groups';
end $$;
create trigger groups_built_in_stay before delete on groups
    for each row when (old.is_built_in) execute function refuse_change_of_built_in();
create trigger groups_built_in_keep_names before update of name, is_built_in on groups
    for each row when (old.is_built_in and (new.name, new.is_built_in) <> (old.name, old.is_built_in))
    execute function refuse_change_of_built_in();

create function is_built_in(asked uuid) returns boolean language sql stable
    return exists (select from groups where id = asked and is_built_in);
create trigger group_implies_built_in_stay before update or delete on group_implies
    for each row when (is_built_in(old.group_id) and is_built_in(old.implied_id))
    execute function refuse_change_of_built_in();

-- Every open page of the user follows.
create trigger users_notify_of_groups after update of group_ids on users
    for each row when (old.group_ids <> new.group_ids) execute function notify_of_user();

alter table groups enable row level security;
alter table group_implies enable row level security;
alter table user_groups enable row level security;
alter table access_rights enable row level security;
alter table record_rules enable row level security;
alter table access_version enable row level security;

-- What the transaction of a person may see. The server sets the three values once for each transaction; no statement of a person
-- can name them.
create function active_companies() returns uuid[] language sql stable
    return coalesce(nullif(current_setting('latchkey.active_companies', true), ''), '{}')::uuid[];
create function allowed_companies() returns uuid[] language sql stable
    return coalesce(nullif(current_setting('latchkey.allowed_companies', true), ''), '{}')::uuid[];

-- The rows that a right is for, as eight bits: the bit of a row has the number own + 2 * active company + 4 * allowed company. Without
-- the right no bit is set. A policy calls these functions in a `select` of its own, so that PostgreSQL runs them once for each
-- statement.
create function rows_for(resource text, verb text) returns integer language sql stable
    return coalesce((nullif(current_setting('latchkey.rows', true), '')::jsonb -> resource ->> verb)::integer, 0);

alter policy own_user on users using (id = (select calling_user()));
create policy users_by_rules on users for select to latchkey_restricted using (
    (select rows_for('users', 'read')) >> (
        (id = (select calling_user()))::integer
        + 2 * (company_ids && (select active_companies()))::integer
        + 4 * (company_ids && (select allowed_companies()))::integer
    ) & 1 = 1
);
create policy companies_by_rules on companies for select to latchkey_restricted using (
    (select rows_for('companies', 'read')) >> (
        2 * (id = any((select active_companies())::uuid[]))::integer
        + 4 * (id = any((select allowed_companies())::uuid[]))::integer
    ) & 1 = 1
);

-- Companies. A user may work for one or several of them, and each session names the companies that the user works for at
-- the moment. A database of before becomes one company with all of its users.

create table companies (
    id uuid primary key,
    name text not null check (char_length(name) between 1 and 100),
    -- The name without differences of spelling.
    name_key text not null constraint companies_name_key_unique unique,
    -- A mark in lists: '#' and six hexadecimal digits. Null: no mark.
    colour text check (colour ~ '^#[0-9a-f]{6}$'),
    created_at timestamptz not null,
    -- Null: in use. Users do not work for an archived company.
    archived_at timestamptz
);

-- The name of a database has no letters but ASCII ones, and its key is the name in lower case.
insert into companies (id, name, name_key, created_at)
values (gen_random_uuid(), current_database(), lower(current_database()), now());

create table user_companies (
    user_id uuid not null references users on delete cascade,
    company_id uuid not null references companies,
    -- New sessions work for the default company.
    is_default boolean not null default false,
    primary key (user_id, company_id)
);
create unique index user_companies_one_default on user_companies (user_id) where is_default;
create index user_companies_by_company on user_companies (company_id);

-- The companies in use of a user, the default one first. Triggers keep this copy of `user_companies`: every request reads the row of
-- its user, and so learns the companies without a further look-up.
alter table users add column company_ids uuid[] not null default '{}';

create function companies_of(asked uuid) returns uuid[] language sql stable
    return array(
        select c.id from user_companies uc join companies c on c.id = uc.company_id
        where uc.user_id = asked and c.archived_at is null
        order by uc.is_default desc, c.created_at, c.id
    );

insert into user_companies (user_id, company_id, is_default)
select users.id, companies.id, true from users, companies;
update users set company_ids = companies_of(id);

create function copy_companies_of_user() returns trigger language plpgsql as $$
begin
    -- The lock comes first: the update then sees what another transaction has changed meanwhile.
    perform from users where id = coalesce(new.user_id, old.user_id) for update;
    update users set company_ids = companies_of(id)
    where id = coalesce(new.user_id, old.user_id) and company_ids <> companies_of(id);
    return null;
end $$;
create trigger user_companies_copy after insert or update or delete on user_companies
    for each row execute function copy_companies_of_user();

create function copy_companies_of_users() returns trigger language plpgsql as $$
begin
    perform from users where id in (select user_id from user_companies where company_id = new.id)
    order by id for update;
    update users set company_ids = fresh.ids
    from (select user_id, companies_of(user_id) as ids from user_companies where company_id = new.id) fresh
    where users.id = fresh.user_id and users.company_ids <> fresh.ids;
    return null;
end $$;
create trigger companies_copy after update of archived_at on companies
    for each row when ((old.archived_at is null) <> (new.archived_at is null))
    execute function copy_companies_of_users();

-- A new user works for the oldest company in use, until the transaction says otherwise. Nodes that are not updated yet say nothing.
create function give_first_company() returns trigger language plpgsql as $$
begin
    insert into user_companies (user_id, company_id, is_default)
    select new.id, first.id, true
    from companies first where first.archived_at is null order by first.created_at, first.id limit 1;
    return null;
end $$;
create trigger users_give_first_company after insert on users
    for each row execute function give_first_company();

-- Every user works for a company. A transaction may take one away and give another.
create function refuse_user_without_company() returns trigger language plpgsql as $$
begin
    if exists (select from users where id = new.id and company_ids = '{}') then
        raise exception 'user % would work for no company', new.id
            using errcode = 'check_violation', constraint = 'users_work_for_a_company', table = 'users';
    end if;
    return null;
end $$;
create constraint trigger users_work_for_a_company after insert or update of company_ids on users
    deferrable initially deferred
    for each row when (new.company_ids = '{}') execute function refuse_user_without_company();

-- Every open page of the user follows: of the sessions whose companies have changed, and of the user who has got other companies.
drop trigger sessions_notify_of_update on sessions;
create trigger sessions_notify_of_update after update on sessions
    for each row
    when (
        (old.ended_at, old.last_address, old.device_name, old.device_new_since, old.context -> 'companies')
            is distinct from
            (new.ended_at, new.last_address, new.device_name, new.device_new_since, new.context -> 'companies')
        or new.last_active_at >= old.last_active_at + interval '5 minutes'
    )
    execute function notify_of_session();

create trigger users_notify_of_companies after update of company_ids on users
    for each row when (old.company_ids <> new.company_ids) execute function notify_of_user();

-- People read the companies that they may work for.
alter table companies enable row level security;
grant select on companies to latchkey_restricted;
create policy own_companies on companies for select to latchkey_restricted
    using (id in (select company_id from user_companies where user_id = calling_user()));
alter table user_companies enable row level security;
grant select on user_companies to latchkey_restricted;
create policy own_user_companies on user_companies for select to latchkey_restricted
    using (user_id = calling_user());

-- A request for a company that the user may not work for is an event of the account.
alter table account_events drop constraint account_events_kind_check;
alter table account_events add constraint account_events_kind_check
    check (kind in ('log_in_code_made', 'log_in_code_used', 'wrong_current_password', 'company_refused'));

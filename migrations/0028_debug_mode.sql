-- All locks at once, in the order in which requests take them.
select from access_version for update;
lock table sessions in share row exclusive mode;
lock table access_rights in share row exclusive mode;

-- Administrators may use debug mode. Other groups get the right from an administrator. No entry in the audit log: no person changed
-- a right, and administrators have every right of the product.
alter table access_rights disable trigger access_rights_audit;
insert into access_rights (group_id, resource, verbs)
select id, 'debug_mode', array['read'] from groups where is_built_in and name = 'administrator'
on conflict do nothing;
alter table access_rights enable trigger access_rights_audit;

-- Every open page of the session follows a change of its debug mode, too.
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
    )
    execute function notify_of_session();

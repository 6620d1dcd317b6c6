-- A restored copy has no live session on any PostgreSQL server: OIDs alone coincide between servers, and a
-- restore over the original keeps them.

-- All of a row's columns are nullable, and none is unique: a restore of data alone then adds a second
-- row, which shows. A database is itself if it has one row, and the row says so.
alter table identity
    drop constraint identity_pkey,
    alter column database_oid drop not null,
    -- From pg_control_system(): of the PostgreSQL server and its standbys.
    add column system_identifier bigint,
    -- New each time that a copy becomes a database of its own. Sessions carry it.
    add column generation uuid,
    -- The transaction that wrote the row. PostgreSQL stamps each row with the one that really did
    -- (xmin), which no dump can carry along.
    add column written_by xid8;
-- A database that is itself keeps its sessions. A copy keeps the OID of the original, and is found out.
update identity set
    system_identifier = (select system_identifier from pg_control_system()),
    generation = gen_random_uuid(),
    written_by = pg_current_xact_id();

create function current_generation() returns uuid language sql stable
    return (select generation from identity order by written_by desc nulls last limit 1);

-- A session of another generation is one that a restore brought along. Whatever order tables are restored in,
-- it is known by this.
alter table sessions add column generation uuid default current_generation();

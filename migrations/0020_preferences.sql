-- What a person prefers is kept with the user, so that pages are right at their first paint, in every browser.

alter table users
    -- A BCP 47 code. Null: the language that the browser prefers.
    add column language text
        check (length(language) <= 35 and language ~ '^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$'),
    add column theme text not null default 'system' check (theme in ('system', 'light', 'dark')),
    -- An IANA name. Null: the zone that the browser reports.
    add column time_zone text check (time_zone ~ '^[A-Za-z0-9/_+-]{1,64}$'),
    add column date_format text not null default 'automatic'
        check (date_format in ('automatic', 'day_month_year', 'month_day_year', 'iso')),
    add column time_format text not null default 'automatic'
        check (time_format in ('automatic', 'hours24', 'hours12'));

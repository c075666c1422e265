-- What the copy says of itself: of which warehouse it is, and as of when. Its presence tells a copy from a warehouse.
create table sync.publication (
  published_at timestamptz not null,
  warehouse varchar not null,
  content varchar not null,
  schema_number bigint not null,
  definition varchar not null,
  change_number bigint not null,
  change_id varchar not null,
  rebuilt_at timestamptz not null,
  rebuilt_bytes bigint,
  rebuilt_completions bigint not null
);
comment on table sync.publication is 'The one row of a published copy: what it was made of, and when.';
comment on column sync.publication.published_at is 'When the copy was made, UTC; clock of the machine that made it. It holds what was committed by then.';
comment on column sync.publication.warehouse is 'Path of the warehouse it was made of, on the machine that made it.';
comment on column sync.publication.content is 'none: without the text of prompts and answers, whose columns are NULL; full: with it (PUBLISH_CONTENT).';
comment on column sync.publication.schema_number is 'Newest migration of the warehouse; sync.migrations.number.';
comment on column sync.publication.definition is 'SHA-256 of all that decides how rows are copied: columns, marts, prices. A copy with another one is made anew.';
comment on column sync.publication.change_number is 'Newest commit it holds; sync.changes.change_number.';
comment on column sync.publication.change_id is 'Id of that commit; sync.changes.change_id.';
comment on column sync.publication.rebuilt_at is 'When it was last made as a whole and not from the one before it, UTC.';
comment on column sync.publication.rebuilt_bytes is 'Size of the file then, bytes; NULL until the copy after it.';
comment on column sync.publication.rebuilt_completions is 'Rows in main.completions then, a count.';

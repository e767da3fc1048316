/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "perms/commit-queue.h"

typedef enum
{
  JOB_COMMIT = 0,
  JOB_TIDY,
  JOB_START_ANEW,
  JOB_LOAD,
  JOB_LIST_PENDING,
  JOB_LIST_BONDS,
  JOB_HISTORY,
  JOB_CHECK,
} JobKind;

typedef struct
{
  JobKind kind;
  guint64 ticket; /* a write's own number; for a read, of the last write before it */
  PermsChanges *changes;
  guint32 uid;
  char *app;
  guint64 before;
  guint limit;
  union
  {
    PermsCommitFunc committed;
    PermsLoadFunc loaded;
    PermsListFunc listed;
  } done;
  gpointer user_data;
} Job;

struct _PermsCommitQueue
{
  PermsStore *store;
  GThread *writer;
  GThread *reader;
  GThread *checker;     /* a check takes seconds, and nobody's first call waits for it */
  GMutex mutex;         /* guards what follows */
  GCond changed;        /* any of it */
  GQueue writes;        /* Job: what the writer does, in order */
  GQueue reads;         /* Job */
  GQueue checks;        /* Job */
  guint64 n_accepted;   /* writes so far: the ticket of the newest */
  guint64 n_written;    /* writes whose work is over: tickets up to this one */
  guint n_open;         /* jobs that were accepted and not yet reported */
  guint n_reading;      /* threads that read the store */
  gboolean is_starting; /* the store is moved aside: no reading */
  gboolean is_closing;
};

static void
free_job (Job *job)
{
  g_clear_pointer (&job->changes, perms_changes_unref);
  g_free (job->app);
  g_free (job);
}

/* ---- the writer ---- */

/* With the mutex held: the commits at the head of the queue that go into one
 * transaction. Anything else goes alone. */
static void
take_batch (PermsCommitQueue *queue, GPtrArray *batch)
{
  guint n_rows = 0;
  Job *job = g_queue_peek_head (&queue->writes);

  if (job->kind != JOB_COMMIT)
    {
      g_ptr_array_add (batch, g_queue_pop_head (&queue->writes));
      return;
    }
  while (job != NULL && job->kind == JOB_COMMIT && batch->len < PERMS_COMMIT_BATCH_MAX &&
         n_rows < PERMS_CHANGES_MAX)
    {
      n_rows += perms_changes_get_length (job->changes);
      g_ptr_array_add (batch, g_queue_pop_head (&queue->writes));
      job = g_queue_peek_head (&queue->writes);
    }
}

static void
commit_batch (PermsCommitQueue *queue, GPtrArray *batch, GError **errors)
{
  g_autofree const PermsChanges **changes = g_new (const PermsChanges *, batch->len);

  for (guint i = 0; i < batch->len; i++)
    {
      const Job *job = g_ptr_array_index (batch, i);
      changes[i] = job->changes;
    }
  perms_store_apply_many (queue->store, changes, batch->len, errors);
}

static void
start_anew (PermsCommitQueue *queue, GError **error)
{
  g_mutex_lock (&queue->mutex);
  queue->is_starting = TRUE;
  g_cond_broadcast (&queue->changed);
  while (queue->n_reading > 0)
    g_cond_wait (&queue->changed, &queue->mutex);
  g_mutex_unlock (&queue->mutex);

  gboolean is_good = perms_store_start_anew (queue->store, error);
  g_assert (is_good == (*error == NULL));

  g_mutex_lock (&queue->mutex);
  queue->is_starting = FALSE;
  g_cond_broadcast (&queue->changed);
  g_mutex_unlock (&queue->mutex);
}

static void
tidy (PermsCommitQueue *queue, GError **error)
{
  gboolean is_good = perms_store_tidy (queue->store, error);

  g_assert (is_good == (*error == NULL));
}

static void
write_batch (PermsCommitQueue *queue, GPtrArray *batch)
{
  g_autofree GError **errors = g_new0 (GError *, batch->len);
  const Job *first = g_ptr_array_index (batch, 0);

  if (first->kind == JOB_START_ANEW)
    start_anew (queue, &errors[0]);
  else if (first->kind == JOB_TIDY)
    tidy (queue, &errors[0]);
  else
    commit_batch (queue, batch, errors);

  g_mutex_lock (&queue->mutex);
  queue->n_written += batch->len;
  g_cond_broadcast (&queue->changed);
  g_mutex_unlock (&queue->mutex);

  for (guint i = 0; i < batch->len; i++)
    {
      const Job *job = g_ptr_array_index (batch, i);
      job->done.committed (errors[i], job->user_data);
      g_clear_error (&errors[i]);
    }
}

/* With the mutex held: nothing is under way that could bring more work. */
static gboolean
is_over (const PermsCommitQueue *queue)
{
  return queue->is_closing && queue->n_open == 0;
}

static gpointer
run_writer (gpointer data)
{
  PermsCommitQueue *queue = data;

  g_mutex_lock (&queue->mutex);
  while (!is_over (queue))
    {
      if (g_queue_is_empty (&queue->writes))
        {
          g_cond_wait (&queue->changed, &queue->mutex);
          continue;
        }
      g_autoptr (GPtrArray) batch =
        g_ptr_array_new_with_free_func ((GDestroyNotify) free_job);
      take_batch (queue, batch);
      g_mutex_unlock (&queue->mutex);
      write_batch (queue, batch);
      g_mutex_lock (&queue->mutex);
      queue->n_open -= batch->len;
      g_cond_broadcast (&queue->changed);
    }
  g_mutex_unlock (&queue->mutex);
  return NULL;
}

/* ---- the reader ---- */

static void
read_list (PermsCommitQueue *queue, const Job *job, GPtrArray **ret_rows, GError **error)
{
  if (job->kind == JOB_LIST_PENDING)
    *ret_rows = perms_store_list_pending (queue->store, error);
  else if (job->kind == JOB_LIST_BONDS)
    *ret_rows = perms_store_list_bonds (queue->store, error);
  else
    *ret_rows = perms_store_load_history (queue->store, job->uid, job->app, job->before,
                                          job->limit, error);
}

static void
leave_store (PermsCommitQueue *queue)
{
  g_mutex_lock (&queue->mutex);
  queue->n_reading--;
  g_cond_broadcast (&queue->changed);
  g_mutex_unlock (&queue->mutex);
}

/* The store is left before the callback runs, which may ask for a fresh start. */
static void
read_job (PermsCommitQueue *queue, const Job *job)
{
  g_autoptr (GError) error = NULL;
  PermsUserRows *rows = NULL;
  GPtrArray *list = NULL;
  gboolean is_good = TRUE;

  if (job->kind == JOB_LOAD)
    rows = perms_store_load_user (queue->store, job->uid, &error);
  else if (job->kind == JOB_CHECK)
    is_good = perms_store_check (queue->store, &error);
  else
    read_list (queue, job, &list, &error);
  g_assert (is_good || error != NULL);
  leave_store (queue);

  if (job->kind == JOB_LOAD)
    job->done.loaded (rows, error, job->user_data);
  else if (job->kind == JOB_CHECK)
    job->done.committed (error, job->user_data);
  else
    job->done.listed (list, error, job->user_data);
}

/* With the mutex held: the next read whose writes are done, taken off the queue. */
static Job *
take_read (PermsCommitQueue *queue, GQueue *jobs)
{
  const Job *job = g_queue_peek_head (jobs);

  if (job == NULL || queue->is_starting || job->ticket > queue->n_written)
    return NULL;
  queue->n_reading++;
  return g_queue_pop_head (jobs);
}

static void
read_jobs (PermsCommitQueue *queue, GQueue *jobs)
{
  g_mutex_lock (&queue->mutex);
  while (!is_over (queue))
    {
      Job *job = take_read (queue, jobs);
      if (job == NULL)
        {
          g_cond_wait (&queue->changed, &queue->mutex);
          continue;
        }
      g_mutex_unlock (&queue->mutex);
      read_job (queue, job);
      free_job (job);
      g_mutex_lock (&queue->mutex);
      queue->n_open--;
      g_cond_broadcast (&queue->changed);
    }
  g_mutex_unlock (&queue->mutex);
}

/* The checker stays where it is while somebody waits for rows. */
static void
let_reads_pass (gpointer data)
{
  PermsCommitQueue *queue = data;

  g_mutex_lock (&queue->mutex);
  while (!queue->is_starting && !queue->is_closing &&
         (queue->n_reading > 1 || !g_queue_is_empty (&queue->reads)))
    g_cond_wait (&queue->changed, &queue->mutex);
  g_mutex_unlock (&queue->mutex);
}

static gpointer
run_reader (gpointer data)
{
  read_jobs (data, &((PermsCommitQueue *) data)->reads);
  return NULL;
}

static gpointer
run_checker (gpointer data)
{
  read_jobs (data, &((PermsCommitQueue *) data)->checks);
  return NULL;
}

/* ---- life ---- */

PermsCommitQueue *
perms_commit_queue_new (PermsStore *store)
{
  PermsCommitQueue *queue = g_new0 (PermsCommitQueue, 1);

  queue->store = store;
  perms_store_set_pause (store, let_reads_pass, queue);
  g_mutex_init (&queue->mutex);
  g_cond_init (&queue->changed);
  g_queue_init (&queue->writes);
  g_queue_init (&queue->reads);
  g_queue_init (&queue->checks);
  queue->writer = g_thread_new ("perms-writer", run_writer, queue);
  queue->reader = g_thread_new ("perms-reader", run_reader, queue);
  queue->checker = g_thread_new ("perms-checker", run_checker, queue);
  return queue;
}

void
perms_commit_queue_free (PermsCommitQueue *queue)
{
  if (queue == NULL)
    return;
  g_mutex_lock (&queue->mutex);
  queue->is_closing = TRUE;
  g_cond_broadcast (&queue->changed);
  g_mutex_unlock (&queue->mutex);
  g_thread_join (queue->writer);
  g_thread_join (queue->reader);
  g_thread_join (queue->checker);
  perms_store_close (queue->store);
  g_mutex_clear (&queue->mutex);
  g_cond_clear (&queue->changed);
  g_free (queue);
}

/* ---- accepting ---- */

static gboolean
is_write (JobKind kind)
{
  return kind == JOB_COMMIT || kind == JOB_TIDY || kind == JOB_START_ANEW;
}

static GQueue *
find_queue (PermsCommitQueue *queue, JobKind kind)
{
  if (is_write (kind))
    return &queue->writes;
  return kind == JOB_CHECK ? &queue->checks : &queue->reads;
}

/* Takes @job over. FALSE: too many wait, and the caller has to say so. */
static gboolean
accept_job (PermsCommitQueue *queue, Job *job)
{
  GQueue *jobs = find_queue (queue, job->kind);

  g_mutex_lock (&queue->mutex);
  gboolean is_accepted = jobs->length < PERMS_COMMIT_QUEUE_MAX;
  if (is_accepted)
    {
      if (is_write (job->kind))
        queue->n_accepted++;
      job->ticket = queue->n_accepted;
      queue->n_open++;
      g_queue_push_tail (jobs, job);
      g_cond_broadcast (&queue->changed);
    }
  g_mutex_unlock (&queue->mutex);
  if (!is_accepted)
    free_job (job);
  return is_accepted;
}

static GError *
make_limit_error (void)
{
  return g_error_new (PERMS_ERROR, PERMS_ERROR_LIMIT,
                      "%d changes or questions wait for the permission store already",
                      PERMS_COMMIT_QUEUE_MAX);
}

static Job *
make_job (JobKind kind, gpointer user_data)
{
  Job *job = g_new0 (Job, 1);

  job->kind = kind;
  job->user_data = user_data;
  return job;
}

static void
accept_commit (PermsCommitQueue *queue, Job *job, PermsCommitFunc done)
{
  gpointer user_data = job->user_data;

  job->done.committed = done;
  if (accept_job (queue, job))
    return;
  g_autoptr (GError) error = make_limit_error ();
  done (error, user_data);
}

static void
accept_list (PermsCommitQueue *queue, Job *job, PermsListFunc done)
{
  gpointer user_data = job->user_data;

  job->done.listed = done;
  if (accept_job (queue, job))
    return;
  g_autoptr (GError) error = make_limit_error ();
  done (NULL, error, user_data);
}

void
perms_commit_queue_commit (PermsCommitQueue *queue,
                           PermsChanges *changes,
                           PermsCommitFunc done,
                           gpointer user_data)
{
  Job *job = make_job (JOB_COMMIT, user_data);

  job->changes = perms_changes_ref (changes);
  accept_commit (queue, job, done);
}

void
perms_commit_queue_load (PermsCommitQueue *queue,
                         guint32 uid,
                         PermsLoadFunc done,
                         gpointer user_data)
{
  Job *job = make_job (JOB_LOAD, user_data);

  job->uid = uid;
  job->done.loaded = done;
  if (accept_job (queue, job))
    return;
  g_autoptr (GError) error = make_limit_error ();
  done (NULL, error, user_data);
}

void
perms_commit_queue_list_pending (PermsCommitQueue *queue,
                                 PermsListFunc done,
                                 gpointer user_data)
{
  accept_list (queue, make_job (JOB_LIST_PENDING, user_data), done);
}

void
perms_commit_queue_list_bonds (PermsCommitQueue *queue,
                               PermsListFunc done,
                               gpointer user_data)
{
  accept_list (queue, make_job (JOB_LIST_BONDS, user_data), done);
}

void
perms_commit_queue_load_history (PermsCommitQueue *queue,
                                 guint32 uid,
                                 const char *app,
                                 guint64 before,
                                 guint limit,
                                 PermsListFunc done,
                                 gpointer user_data)
{
  Job *job = make_job (JOB_HISTORY, user_data);

  job->uid = uid;
  job->app = g_strdup (app);
  job->before = before;
  job->limit = limit;
  accept_list (queue, job, done);
}

void
perms_commit_queue_check (PermsCommitQueue *queue,
                          PermsCommitFunc done,
                          gpointer user_data)
{
  accept_commit (queue, make_job (JOB_CHECK, user_data), done);
}

void
perms_commit_queue_tidy (PermsCommitQueue *queue,
                         PermsCommitFunc done,
                         gpointer user_data)
{
  accept_commit (queue, make_job (JOB_TIDY, user_data), done);
}

void
perms_commit_queue_start_anew (PermsCommitQueue *queue,
                               PermsCommitFunc done,
                               gpointer user_data)
{
  accept_commit (queue, make_job (JOB_START_ANEW, user_data), done);
}

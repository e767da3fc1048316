/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The store's worker threads. One commits: change sets that wait together share one
 * transaction and one sync, each with a result of its own. One reads: loads, history and
 * the whole-file check, so that a long read delays no commit. Nothing is reported before
 * it is durable. Must not know main loops: callbacks run on the worker, and the caller
 * takes them to its own thread. */

#pragma once

#include <glib.h>

#include "perms/store.h"

#define PERMS_COMMIT_BATCH_MAX 1024  /* change sets in one transaction */
#define PERMS_COMMIT_QUEUE_MAX 65536 /* change sets waiting */

typedef struct _PermsCommitQueue PermsCommitQueue;

/* All callbacks: on a worker thread, exactly once for each call that was accepted.
 * @error is NULL on success and belongs to the queue: copy it to keep it. */
typedef void (*PermsCommitFunc) (const GError *error, gpointer user_data);

/* @rows belongs to the callback (NULL on failure). */
typedef void (*PermsLoadFunc) (PermsUserRows *rows,
                               const GError *error,
                               gpointer user_data);

/* @rows: PermsHistoryEntry * for history, PermsPending * or PermsBond * for the lists;
 * belongs to the callback (NULL on failure). */
typedef void (*PermsListFunc) (GPtrArray *rows, const GError *error, gpointer user_data);

/* Starts the workers on @store, which the queue takes over. */
PermsCommitQueue *perms_commit_queue_new (PermsStore *store);

/* Waits for everything that was accepted to be done and reported, stops the workers and
 * closes the store. */
void perms_commit_queue_free (PermsCommitQueue *queue);

/* Commits @changes (a reference is taken). Change sets are applied in the order of the
 * calls. @done gets the errors of perms_store_apply (), PERMS_ERROR_LIMIT (on the
 * caller's thread, before this returns) when too many wait. */
void perms_commit_queue_commit (PermsCommitQueue *queue,
                                PermsChanges *changes,
                                PermsCommitFunc done,
                                gpointer user_data);

/* Loads a user's rows as they are after every commit accepted so far. */
void perms_commit_queue_load (PermsCommitQueue *queue,
                              guint32 uid,
                              PermsLoadFunc done,
                              gpointer user_data);

void perms_commit_queue_list_pending (PermsCommitQueue *queue,
                                      PermsListFunc done,
                                      gpointer user_data);
void perms_commit_queue_list_bonds (PermsCommitQueue *queue,
                                    PermsListFunc done,
                                    gpointer user_data);

/* As perms_store_load_history (). */
void perms_commit_queue_load_history (PermsCommitQueue *queue,
                                      guint32 uid,
                                      const char *app,
                                      guint64 before,
                                      guint limit,
                                      PermsListFunc done,
                                      gpointer user_data);

/* Checks the whole file (PERMS_ERROR_DAMAGED: follow with start_anew). */
void perms_commit_queue_check (PermsCommitQueue *queue,
                               PermsCommitFunc done,
                               gpointer user_data);

/* As perms_store_tidy (): to be asked for when nothing was committed for a while. */
void perms_commit_queue_tidy (PermsCommitQueue *queue,
                              PermsCommitFunc done,
                              gpointer user_data);

/* Moves the store aside and begins a fresh one, with no other work under way. */
void perms_commit_queue_start_anew (PermsCommitQueue *queue,
                                    PermsCommitFunc done,
                                    gpointer user_data);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PermsCommitQueue, perms_commit_queue_free)

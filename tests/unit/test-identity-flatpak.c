/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tests/unit/unit.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "identity/flatpak.h"

#define GOOD "[Application]\nname=org.example.T\n"

/* A root of a process, with its .flatpak-info. */
typedef struct
{
  char *folder;
  char *info;
  int fd;
} Root;

typedef struct
{
  const char *name;
  void (*prepare) (const Root *root);
  const char *content; /* instead */
  IdentityStep step;
} Row;

static void
make_nothing (const Root *root)
{
}

static void
write_info (const Root *root, const char *content, gsize length)
{
  assert_true (g_file_set_contents (root->info, content, (gssize) length, NULL));
}

static void
make_link (const Root *root)
{
  g_autofree char *target = g_build_filename (root->folder, "good", NULL);

  assert_true (g_file_set_contents (target, GOOD, -1, NULL));
  assert_int_equal (symlink ("good", root->info), 0);
}

static void
make_dangling_link (const Root *root)
{
  assert_int_equal (symlink ("nowhere", root->info), 0);
}

static void
make_fifo (const Root *root)
{
  assert_int_equal (mkfifo (root->info, 0600), 0);
}

static void
make_socket (const Root *root)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

  (void) g_strlcpy (address.sun_path, root->info, sizeof address.sun_path);
  assert_int_equal (bind (fd, (const struct sockaddr *) &address, sizeof address), 0);
  close (fd);
}

static void
make_folder (const Root *root)
{
  assert_int_equal (g_mkdir (root->info, 0700), 0);
}

static void
make_unreadable (const Root *root)
{
  write_info (root, GOOD, strlen (GOOD));
  assert_int_equal (g_chmod (root->info, 0), 0);
}

/* A good file of @length bytes, most of them empty lines. */
static void
write_long (const Root *root, gsize length)
{
  g_autofree char *lines = g_strnfill (length - strlen (GOOD), '\n');
  g_autofree char *content = g_strconcat (GOOD, lines, NULL);

  write_info (root, content, length);
}

static void
make_huge (const Root *root)
{
  write_long (root, IDENTITY_FLATPAK_INFO_MAX + 1);
}

static void
make_largest (const Root *root)
{
  write_long (root, IDENTITY_FLATPAK_INFO_MAX);
}

static void
make_with_nul (const Root *root)
{
  write_info (root, GOOD "\0x", strlen (GOOD) + 2);
}

static void
make_sparse (const Root *root)
{
  write_info (root, "", 0);
  assert_int_equal (truncate (root->info, (off_t) 1 << 40), 0);
}

static const Row rows[] = {
  { "good", NULL, GOOD, IDENTITY_STEP_FOUND },
  { "spaces", NULL, "#x\n\n [Application] \n name = org.example.T \n",
    IDENTITY_STEP_FOUND },
  { "64 KiB", make_largest, NULL, IDENTITY_STEP_FOUND },
  { "another group's name", NULL, "[Context]\nname=org.evil.E\n" GOOD,
    IDENTITY_STEP_FOUND },
  { "nothing there", make_nothing, NULL, IDENTITY_STEP_ABSENT },
  { "link", make_link, NULL, IDENTITY_STEP_REFUSED },
  { "dangling link", make_dangling_link, NULL, IDENTITY_STEP_REFUSED },
  { "fifo", make_fifo, NULL, IDENTITY_STEP_REFUSED },
  { "socket", make_socket, NULL, IDENTITY_STEP_REFUSED },
  { "folder", make_folder, NULL, IDENTITY_STEP_REFUSED },
  { "unreadable", make_unreadable, NULL, IDENTITY_STEP_REFUSED },
  { "more than 64 KiB", make_huge, NULL, IDENTITY_STEP_REFUSED },
  { "sparse terabyte", make_sparse, NULL, IDENTITY_STEP_REFUSED },
  { "NUL", make_with_nul, NULL, IDENTITY_STEP_REFUSED },
  { "no UTF-8", NULL, GOOD "x=\xff\n", IDENTITY_STEP_REFUSED },
  { "empty", NULL, "", IDENTITY_STEP_REFUSED },
  { "no name", NULL, "[Application]\nruntime=x\n", IDENTITY_STEP_REFUSED },
  { "name of a runtime", NULL, "[Runtime]\nname=org.example.T\n", IDENTITY_STEP_REFUSED },
  { "name before the group", NULL, "name=org.example.T\n[Application]\n",
    IDENTITY_STEP_REFUSED },
  { "two names", NULL, GOOD "name=org.example.U\n", IDENTITY_STEP_REFUSED },
  { "two groups", NULL, GOOD "[X]\n" GOOD, IDENTITY_STEP_REFUSED },
  { "bad id", NULL, "[Application]\nname=../T\n", IDENTITY_STEP_REFUSED },
  { "id without dots", NULL, "[Application]\nname=T\n", IDENTITY_STEP_REFUSED },
  { "id that ends a key", NULL, "[Application]\nname=org.example.T:0\n",
    IDENTITY_STEP_REFUSED },
};

static Root
open_root (void)
{
  Root root = { .folder = g_dir_make_tmp ("identity-XXXXXX", NULL) };

  assert_non_null (root.folder);
  root.info = g_build_filename (root.folder, ".flatpak-info", NULL);
  root.fd = open (root.folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
  assert_true (root.fd >= 0);
  return root;
}

static void
close_root (Root *root)
{
  g_autofree char *target = g_build_filename (root->folder, "good", NULL);

  close (root->fd);
  (void) g_remove (target);
  (void) g_remove (root->info);
  assert_int_equal (g_rmdir (root->folder), 0);
  g_free (root->info);
  g_free (root->folder);
}

static void
hostile_roots_are_refused_and_good_ones_are_not (void **state)
{
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      Root root = open_root ();
      g_auto (IdentityFlatpak) flatpak = { 0 };
      g_autoptr (GError) error = NULL;
      IdentityStep step;

      if (rows[i].content != NULL)
        write_info (&root, rows[i].content, strlen (rows[i].content));
      else
        rows[i].prepare (&root);
      step = identity_flatpak_read (root.fd, &flatpak, &error);
      if (step != rows[i].step)
        print_message ("row '%s'\n", rows[i].name);
      assert_int_equal (step, rows[i].step);
      assert_true ((error != NULL) == (step == IDENTITY_STEP_REFUSED));
      if (step == IDENTITY_STEP_FOUND)
        assert_string_equal (flatpak.id, "org.example.T");
      close_root (&root);
    }
}

static void
an_app_may_have_written_what_it_can_write (void **state)
{
  Root root = open_root ();
  g_auto (IdentityFlatpak) flatpak = { 0 };
  g_autoptr (GError) error = NULL;

  write_info (&root, GOOD "[Instance]\napp-path=/x\n",
              strlen (GOOD "[Instance]\napp-path=/x\n"));
  assert_int_equal (identity_flatpak_read (root.fd, &flatpak, &error),
                    IDENTITY_STEP_FOUND);
  assert_false (flatpak.read_only);
  assert_int_equal (flatpak.owner, geteuid ());
  assert_string_equal (flatpak.app_path, "/x");
  close_root (&root);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (hostile_roots_are_refused_and_good_ones_are_not),
    cmocka_unit_test (an_app_may_have_written_what_it_can_write),
  };

  uid_t uid = geteuid ();
  int n_failed;

  /* Root can read what nobody can: be nobody for a while. */
  if (uid == 0 && seteuid (65534) != 0)
    return 1;
  n_failed = cmocka_run_group_tests (tests, NULL, NULL);
  return seteuid (uid) == 0 ? n_failed : 1;
}

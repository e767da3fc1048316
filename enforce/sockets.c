/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "enforce/sockets.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <gio/gio.h>
#include <linux/bpf.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/vfs.h>
#include <unistd.h>

#define BPF_FOLDER   "/sys/fs/bpf"
#define BPF_MAGIC    0xcafe4a11 /* linux/magic.h: BPF_FS_MAGIC */
#define MODULES_LIST "/sys/kernel/security/lsm"

/* linux/filter.h's macros are the kernel's own; the ones that are needed, by their names
 * there. */
#define LDX_DW(dst, src, off)                          \
  {                                                    \
    BPF_LDX | BPF_MEM | BPF_DW, (dst), (src), (off), 0 \
  }
#define MOV_REG(dst, src)                           \
  {                                                 \
    BPF_ALU64 | BPF_MOV | BPF_X, (dst), (src), 0, 0 \
  }
#define MOV_IMM(dst, imm)                           \
  {                                                 \
    BPF_ALU64 | BPF_MOV | BPF_K, (dst), 0, 0, (imm) \
  }
#define MOV32_REG(dst, src)                       \
  {                                               \
    BPF_ALU | BPF_MOV | BPF_X, (dst), (src), 0, 0 \
  }
#define JNE32(dst, imm, off)                            \
  {                                                     \
    BPF_JMP32 | BPF_JNE | BPF_K, (dst), 0, (off), (imm) \
  }
#define JEQ32(dst, imm, off)                            \
  {                                                     \
    BPF_JMP32 | BPF_JEQ | BPF_K, (dst), 0, (off), (imm) \
  }
#define CALL(function)                      \
  {                                         \
    BPF_JMP | BPF_CALL, 0, 0, 0, (function) \
  }
#define EXIT()                     \
  {                                \
    BPF_JMP | BPF_EXIT, 0, 0, 0, 0 \
  }

/* int socket_create (int family, int type, int protocol, int kern), and what the program
 * before us said (security/security.c, kernel/bpf/bpf_lsm.c): five words at r1. */
static const struct bpf_insn program[] = {
  LDX_DW (BPF_REG_0, BPF_REG_1, 32),  /* what was said before us stands */
  JNE32 (BPF_REG_0, 0, 9),            /*   -> exit */
  LDX_DW (BPF_REG_2, BPF_REG_1, 0),   /* family */
  JNE32 (BPF_REG_2, AF_BLUETOOTH, 7), /*   -> exit with 0 */
  LDX_DW (BPF_REG_2, BPF_REG_1, 24),  /* the kernel's own sockets */
  JNE32 (BPF_REG_2, 0, 5),            /*   -> exit with 0 */
  CALL (BPF_FUNC_get_current_uid_gid),
  MOV32_REG (BPF_REG_2, BPF_REG_0), /* the lower half: the uid of the first namespace */
  MOV_IMM (BPF_REG_0, 0),
  JEQ32 (BPF_REG_2, 0, 1), /* root -> exit with 0 */
  MOV_IMM (BPF_REG_0, -EPERM),
  EXIT (),
};

static gboolean
fail (GError **error, int code, const char *what)
{
  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (code), "%s: %s", what,
               g_strerror (code));
  return FALSE;
}

gboolean
enforce_sockets_are_closed (void)
{
  return access (ENFORCE_SOCKETS_PIN, F_OK) == 0;
}

static gboolean
check_kernel (GError **error)
{
  g_autofree char *list = NULL;
  g_auto (GStrv) modules = NULL;

  if (!g_file_get_contents (MODULES_LIST, &list, NULL, NULL))
    return TRUE; /* not mounted: attaching will tell */
  modules = g_strsplit (g_strstrip (list), ",", -1);
  if (g_strv_contains ((const char *const *) modules, "bpf"))
    return TRUE;
  g_set_error (
    error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
    "this kernel runs without BPF among its security modules (%s); start it with "
    "lsm=%s,bpf on its command line",
    list, list);
  return FALSE;
}

/* systemd mounts it; a machine without systemd may not have. */
static gboolean
mount_folder (GError **error)
{
  struct statfs found;

  if (statfs (BPF_FOLDER, &found) == 0 && (guint64) found.f_type == BPF_MAGIC)
    return TRUE;
  if (mount ("bpf", BPF_FOLDER, "bpf", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=0700") ==
      0)
    return TRUE;
  return fail (error, errno, BPF_FOLDER " cannot be mounted");
}

static int
load_program (GError **error)
{
  LIBBPF_OPTS (bpf_prog_load_opts, options, .expected_attach_type = BPF_LSM_MAC);
  int hook = libbpf_find_vmlinux_btf_id ("socket_create", BPF_LSM_MAC);
  int fd;

  if (hook < 0)
    {
      fail (error, -hook,
            "the kernel does not describe its hook socket_create (CONFIG_BPF_LSM, "
            "CONFIG_DEBUG_INFO_BTF)");
      return -1;
    }
  options.attach_btf_id = (guint32) hook;
  fd = bpf_prog_load (BPF_PROG_TYPE_LSM, "blepick_strict", "GPL", program,
                      G_N_ELEMENTS (program), &options);
  if (fd < 0)
    fail (error, -fd, "the kernel does not take the program");
  return fd;
}

gboolean
enforce_sockets_close (GError **error)
{
  int program_fd, link_fd, status;

  if (enforce_sockets_are_closed ())
    return TRUE;
  if (!check_kernel (error) || !mount_folder (error))
    return FALSE;
  program_fd = load_program (error);
  if (program_fd < 0)
    return FALSE;
  link_fd = bpf_raw_tracepoint_open (NULL, program_fd);
  close (program_fd);
  if (link_fd < 0)
    return fail (error, -link_fd, "the program cannot be attached to socket_create");
  status = bpf_obj_pin (link_fd, ENFORCE_SOCKETS_PIN);
  close (link_fd);
  if (status < 0)
    return fail (error, -status, ENFORCE_SOCKETS_PIN " cannot be pinned");
  return TRUE;
}

gboolean
enforce_sockets_open (GError **error)
{
  if (unlink (ENFORCE_SOCKETS_PIN) == 0 || errno == ENOENT || errno == ENOTDIR)
    return TRUE;
  return fail (error, errno, ENFORCE_SOCKETS_PIN " cannot be removed");
}

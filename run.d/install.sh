# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# ./run install and its reverse. What was installed is written down, so that exactly that
# is taken away again.

readonly INSTALLED=/var/lib/blepick-install/files
# By systemd, for the services.
readonly MADE=(/run/blepick-identity /run/blepick-probe /etc/blepick)

command_install () {
  local remove=no
  while (($# > 0)); do
    case $1 in
      -h|--help)
        cat <<END
Usage: ./run install [--remove]

Builds and installs blepick to /usr: the service blepickd, the command blepick, their
units, bus policy and polkit actions. The service starts when it is first called.

  --remove   stops the service and takes all of it away again; what people have
             allowed stays in /var/lib/blepick
END
        return ;;
      --remove) remove=yes ;;
      *) die_usage "there is no option '$1'" "'./run install --help' lists them." ;;
    esac
    shift
  done
  need_root "./run install"
  if [[ $remove == yes ]]; then
    remove_installed
  else
    install_all
  fi
}

install_all () {
  need_packages build
  build_tree install
  step "installing to /usr" as_root meson install -C build/install --no-rebuild
  write_down_installed
  step "system user" as_root systemd-sysusers /usr/lib/sysusers.d/blepick.conf
  step "folders" as_root systemd-tmpfiles --create /usr/lib/tmpfiles.d/blepick.conf
  if systemd_runs; then
    step "telling systemd and the bus" reload_and_restart
    step "socket of blepick-identity" as_root systemctl enable --now --quiet blepick-identity.socket \
         blepick-probe.socket blepick-strict.service
    step "blepick-session at each login" as_root systemctl --global enable --quiet blepick-session.service
  fi
  say "Installed. Try: blepick"
  say "./run install --remove takes it away again."
}

# meson's log has one absolute path a line, and comments.
write_down_installed () {
  local log=build/install/meson-logs/install-log.txt
  as_root mkdir -p "$(dirname "$INSTALLED")"
  { as_root cat "$INSTALLED" 2>/dev/null || true; grep '^/' "$log"; } | sort -u \
    | as_root tee "$INSTALLED.new" >/dev/null
  as_root mv "$INSTALLED.new" "$INSTALLED"
}

remove_installed () {
  [[ -f $INSTALLED ]] || die "nothing was installed from here ($INSTALLED is missing)."
  if [[ -x /usr/libexec/blepick-enforce ]]; then
    step "opening what was closed" as_root /usr/libexec/blepick-enforce advisory
  fi
  if systemd_runs; then
    step "stopping the services" as_root systemctl disable --now --quiet blepickd.service \
         blepick-identity.socket blepick-identity.service blepick-probe.socket \
         blepick-probe.service blepick-strict.service blepick-enforce.service
    step "blepick-session at no login" as_root systemctl --global disable --quiet blepick-session.service
    step "blepick-session of who is logged in" stop_sessions
  fi
  step "removing files" remove_files
  if systemd_runs; then
    step "telling systemd and the bus" reload_services
  fi
  say "Removed. What people have allowed is still in /var/lib/blepick."
}

stop_sessions () {
  local uid
  while read -r uid _; do
    as_root systemctl --user --machine="$uid@.host" stop --quiet blepick-session.service || true
  done < <(loginctl list-users --no-legend)
}

remove_files () {
  local file
  # the files, then the folders that were made for them and are empty now
  while read -r file; do
    [[ -d $file ]] || as_root rm -f -- "$file"
  done <"$INSTALLED"
  while read -r file; do
    if [[ -d $file ]]; then
      as_root rmdir --ignore-fail-on-non-empty -- "$file"
    fi
  done < <({ cat "$INSTALLED"; printf '%s\n' "${MADE[@]}"; sed 's|/[^/]*$||' "$INSTALLED" | grep blepick || true; } \
             | sed 's|/$||' | sort -ur)
  as_root rm -r -- "$(dirname "$INSTALLED")"
}

systemd_runs () {
  [[ -d /run/systemd/system ]]
}

reload_services () {
  as_root systemctl daemon-reload
  as_root systemctl reload dbus.service
}

reload_and_restart () {
  reload_services
  # Both sides of a socket are of one build: the answering ones first.
  as_root systemctl try-restart blepick-identity.service blepick-probe.service
  as_root systemctl try-restart blepickd.service
}

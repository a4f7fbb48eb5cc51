# SPDX-License-Identifier: GPL-2.0-only
# Functions that /init and the tests share.

# cmdline_value NAME: the value of NAME=value on the kernel's command line, or nothing.
cmdline_value()
{
	tr ' ' '\n' </proc/cmdline | sed -n "s/^$1=//p" | tail -n 1
}

# A test ends with one of these two; in a test, $name is its name.
pass()
{
	printf 'TEST %s: ok %s\n' "$name" "$*"
	exit 0
}

fail()
{
	printf 'TEST %s: FAIL %s\n' "$name" "$*"
	exit 1
}

# run_limited NAME: runs /tests/NAME; one that does not end (a process that waits for a device
# cannot be killed) is reported and left behind.
run_limited()
{
	limit=$(cmdline_value bulkhead.limit)
	if [ ! -f "/tests/$1" ]; then
		echo "TEST $1: FAIL there is no such test"
		return
	fi
	(name=$1 && . "/tests/$1" && fail "the test ended without a verdict") &
	pid=$!
	waited=0
	while [ -d /proc/$pid ]; do
		case $(cut -d ' ' -f 3 /proc/$pid/stat 2>/dev/null) in
		Z | '') break ;;
		esac
		if [ "$waited" -ge "${limit:-180}" ]; then
			echo "TEST $1: FAIL no end after $waited s"
			return
		fi
		sleep 1
		waited=$((waited + 1))
	done
	wait $pid
}

# irq_total CPU: how many interrupts of all kinds that CPU has had.
irq_total()
{
	awk -v cpu="CPU$1" '
		NR == 1 { for (i = 1; i <= NF; i++) if ($i == cpu) column = i + 1 }
		NR > 1 && column { sum += $column }
		END { print sum + 0 }' /proc/interrupts
}

# irq_device PATTERN: how many interrupts the lines that match have had, on all CPUs.
irq_device()
{
	awk -v pattern="$1" '
		NR == 1 { cpus = NF }
		$0 ~ pattern { for (i = 2; i <= cpus + 1; i++) sum += $i }
		END { print sum + 0 }' /proc/interrupts
}

# disk_check DEVICE PATTERN: 64 MiB of random bytes, whose checksum the host knows, are read from the
# disk, written to it, synced, dropped from the caches and read back; and the disk's interrupts
# (lines of /proc/interrupts that match) rise.
disk_check()
{
	waited=0
	while [ ! -b "$1" ]; do
		[ $waited -lt 20 ] || fail "no disk $1"
		sleep 1
		waited=$((waited + 1))
	done
	before=$(irq_device "$2")
	dir=/mnt/${1##*/}
	mkdir -p "$dir"
	mount -t ext4 "$1" "$dir" || fail "cannot mount $1"
	want=$(cat "$dir/random.sha256") || fail "$1 is not the tests' disk"
	cp "$dir/random" "$dir/copy" || fail "cannot write to $1"
	sync
	umount "$dir" || fail "cannot unmount $1"
	echo 3 >/proc/sys/vm/drop_caches
	mount -t ext4 "$1" "$dir" || fail "cannot mount $1 again"
	got=$(sha256sum <"$dir/copy")
	umount "$dir"
	[ "$want" = "$got" ] || fail "$1: wrote $want, read $got"
	count=$(($(irq_device "$2") - before))
	[ $count -gt 0 ] || fail "$1: the data is right, but no interrupt came"
	pass "$1: 64 MiB, sha256 ${got%% *}, $count interrupts"
}

# net_find DRIVER: the name of that driver's first network interface.
net_find()
{
	for path in /sys/class/net/*/device/driver; do
		case $(readlink "$path") in
		*/"$1")
			path=${path#/sys/class/net/}
			echo "${path%%/*}"
			return
			;;
		esac
	done
}

# net_check DRIVER PATTERN: an address by DHCP, ping of the gateway, and a file with a known checksum from
# the runner's HTTP server; and the card's interrupts rise.
net_check()
{
	port=$(cmdline_value bulkhead.http)
	want=$(cmdline_value bulkhead.sha256)
	card=$(net_find "$1")
	[ -n "$card" ] || fail "no network card of $1"
	before=$(irq_device "$2")
	ip link set lo up
	ip link set "$card" up
	udhcpc -i "$card" -n -q -t 10 -s /etc/udhcpc.sh >/tmp/udhcpc 2>&1 ||
		fail "no address: $(tail -n 1 /tmp/udhcpc)"
	ping -c 3 -W 5 10.0.2.2 >/tmp/ping 2>&1 || fail "ping: $(tail -n 1 /tmp/ping)"
	count=$(($(irq_device "$2") - before))
	[ $count -gt 0 ] || fail "$card answers, but no interrupt came"
	[ -n "$port" ] || pass "$card: DHCP, ping, $count interrupts"
	got=$(wget -q -O - "http://10.0.2.2:$port/data" | sha256sum)
	[ "$want" = "${got%% *}" ] || fail "$card: the file's sha256 is ${got%% *}, not $want"
	count=$(($(irq_device "$2") - before))
	pass "$card: DHCP, ping, file with sha256 $want, $count interrupts"
}

# devices_start: loads the drivers and asks for an address.
devices_start()
{
	for driver in crc32c_generic ext4 virtio_pci virtio_mmio virtio_blk ahci sd_mod e1000e \
		virtio_net; do
		modprobe $driver 2>/dev/null # each machine lacks some
	done
	for card in $(net_find e1000e) $(net_find virtio_net); do
		ip link set "$card" up
		udhcpc -i "$card" -n -q -s /etc/udhcpc.sh && break
	done
}

# shell_start: a shell with job control on the console, after the devices are up or 30 s have passed.
shell_start()
{
	echo "Starting the devices ..."
	devices_start >/tmp/devices 2>&1 &
	pid=$!
	waited=0
	while kill -0 $pid 2>/dev/null && [ $waited -lt 30 ]; do
		sleep 1
		waited=$((waited + 1))
	done
	console=$(tr ' ' '\n' </sys/class/tty/console/active | tail -n 1)
	cat /etc/motd
	cd /root || return
	setsid -c sh -l <"/dev/$console" >"/dev/$console" 2>&1
}

#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# What udhcpc does with the address it was given.
case $1 in
deconfig)
	ip address flush dev "$interface"
	;;
bound | renew)
	ip address add "$ip/${mask:-24}" dev "$interface"
	[ -n "$router" ] && ip route add default via "${router%% *}" dev "$interface"
	[ -n "$dns" ] && echo "nameserver ${dns%% *}" >/etc/resolv.conf
	;;
esac
exit 0

# SPDX-License-Identifier: Apache-2.0
# The part of the completion that is written by hand; the tables are put before it by the build.

# What stands for a word of the synopsis or the argument of an option.
_bulkhead_values() {
	case $1 in
	NAME*) bulkhead list --quiet 2>/dev/null ;;
	IMAGE*) bulkhead image list --quiet 2>/dev/null ;;
	KEY=VALUE*)
		case $2 in
		set) printf '%s\n' $_bulkhead_keys ;;
		capacity*) printf '%s\n' cpu= memory= host-cpu= host-memory= ;;
		*) compgen -e ;;
		esac ;;
	FILE*) compgen -f -- "$3" ;;
	DIR*) compgen -d -- "$3" ;;
	SIGNAL) printf '%s\n' TERM KILL INT HUP QUIT USR1 USR2 ;;
	*\|*) printf '%s\n' ${1//|/ } ;;
	esac
}

_bulkhead() {
	local current=${COMP_WORDS[COMP_CWORD]} verb='' words='' options=() given=0 wants='' i o
	_bulkhead_verb ''
	for ((i = 1; i < COMP_CWORD; i++)); do
		local word=${COMP_WORDS[i]}
		if [ -n "$wants" ]; then
			wants=''
		elif [[ $word == -* ]]; then
			for o in "${options[@]}"; do
				[ "${o%% *}" = "$word" ] && wants=${o#* }
			done
		elif [ -z "$verb" ] || grep -qx -- "$verb $word" <<<"$_bulkhead_second"; then
			verb=${verb:+$verb }$word
			words=''
			_bulkhead_verb "$verb" || :
		else
			given=$((given + 1))
		fi
	done
	local candidates=''
	if [ -n "$wants" ]; then
		candidates=$(_bulkhead_values "$wants" '' "$current")
	elif [[ $current == -* ]]; then
		candidates=$(printf '%s\n' "${options[@]%% *}")
	elif [ -z "$verb" ]; then
		candidates=$_bulkhead_verbs
	else
		local expected=(${words//[][]/})
		local last=$((${#expected[@]} - 1))
		((given > last)) && given=$last
		[ "$given" -ge 0 ] &&
			candidates=$(_bulkhead_values "${expected[given]}" "$verb" "$current")
		[ "$given" -le 0 ] && candidates+=" $(sed -n "s/^$verb //p" <<<"$_bulkhead_second")"
	fi
	COMPREPLY=($(compgen -W "$candidates" -- "$current"))
	[[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *= ]] && compopt -o nospace 2>/dev/null || :
	return 0
}

complete -F _bulkhead bulkhead

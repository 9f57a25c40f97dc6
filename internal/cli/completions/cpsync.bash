# bash: eval "$(cpsync completion bash)"
_cpsync() {
  local line cur="${COMP_WORDS[COMP_CWORD]}" words=("${COMP_WORDS[@]:1:COMP_CWORD}")
  COMPREPLY=()
  while IFS= read -r line; do
    case "$line" in
      :files)
        while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -f -- "$cur")
        compopt -o filenames 2>/dev/null # bash 3.2 has none
        ;;
      *) COMPREPLY+=("$line") ;;
    esac
  done < <(cpsync __complete -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -F _cpsync cpsync

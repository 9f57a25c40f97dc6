# fish: cpsync completion fish | source
function __cpsync_complete
  set -l words (commandline -opc) (commandline -ct)
  for line in (cpsync __complete -- $words[2..-1] 2>/dev/null)
    if test "$line" = :files
      __fish_complete_path (commandline -ct)
    else
      echo $line
    end
  end
end
complete -c cpsync -f -a '(__cpsync_complete)'

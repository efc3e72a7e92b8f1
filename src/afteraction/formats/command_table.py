"""What the commands of the usual programs do to a system: a table, nothing else.

For a program with subcommands the words behind it are looked up, longest first (`rollout undo` before `rollout`); what
stands in neither column is unknown. A command that only touches the caller's own shell, kubeconfig or screen changes no
system and counts as diagnostic. From the programs' own manuals.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """The subcommands of one program, and its options that take a value and may stand before the subcommand."""

    reads: frozenset[str] = frozenset()
    changes: frozenset[str] = frozenset()
    valued: frozenset[str] = field(default=frozenset())


def _set(text: str) -> frozenset[str]:
    return frozenset(part.strip() for part in text.split(",") if part.strip())


_KUBE_VALUED = _set(
    "-n,--namespace,--context,--kubeconfig,--cluster,--user,-s,--server,--as,--as-group,--token,--request-timeout,-l,"
    "--selector,-o,--output,-f,--filename,-c,--container,--field-selector,--sort-by,-v,--kube-context"
)

SUBCOMMANDS: dict[str, Program] = {
    "kubectl": Program(
        reads=_set(
            "get,describe,logs,log,top,events,explain,api-resources,api-versions,version,cluster-info,diff,wait,"
            "port-forward,proxy,rollout status,rollout history,auth can-i,auth whoami,config,plugin,completion,kustomize,"
            "options,help,attach,tree,neat,stern,ctx,ns,who-can,krew list"
        ),
        changes=_set(
            "apply,create,delete,edit,patch,replace,scale,autoscale,label,annotate,rollout undo,rollout restart,"
            "rollout pause,rollout resume,set,expose,run,cordon,uncordon,drain,taint,cp,auth reconcile,certificate,debug,evict"
        ),
        valued=_KUBE_VALUED,
    ),
    "helm": Program(
        reads=_set(
            "list,ls,status,history,hist,get,show,inspect,search,template,diff,lint,env,version,repo,dependency,verify"
        ),
        changes=_set("install,upgrade,rollback,uninstall,delete,del,un"),
        valued=_KUBE_VALUED,
    ),
    "flux": Program(
        reads=_set("get,logs,events,tree,trace,diff,check,export,stats,version,build,debug"),
        changes=_set("reconcile,suspend,resume,create,delete,bootstrap,uninstall,install,push,tag"),
        valued=_KUBE_VALUED,
    ),
    "argocd": Program(
        reads=_set(
            "app get,app list,app history,app diff,app logs,app manifests,app resources,app wait,app get-resource,"
            "cluster list,cluster get,repo list,proj list,proj get,version,account list,login,context"
        ),
        changes=_set(
            "app sync,app rollback,app set,app create,app delete,app patch,app unset,app terminate-op,app actions run,"
            "app delete-resource,app patch-resource,app edit,cluster add,cluster rm,cluster set,repo add,repo rm,proj create,"
            "proj delete,proj set"
        ),
        valued=_set("--server,--auth-token,--grpc-web-root-path,--context"),
    ),
    "git": Program(
        reads=_set(
            "log,show,diff,status,blame,fetch,clone,remote,rev-parse,rev-list,describe,shortlog,reflog,grep,ls-files,"
            "ls-tree,ls-remote,cat-file,bisect,config --get,branch,whatchanged,version,help,name-rev,merge-base,cherry"
        ),
        changes=_set("push,commit,revert,merge,rebase,cherry-pick,reset,tag,am,apply,rm,mv,add,restore,clean"),
        valued=_set("-C,-c,--git-dir,--work-tree"),
    ),
    "terraform": Program(
        reads=_set(
            "plan,show,output,validate,state list,state show,state pull,providers,version,graph,console,fmt,workspace list,"
            "workspace show,get"
        ),
        changes=_set(
            "apply,destroy,import,taint,untaint,refresh,state rm,state mv,state push,state replace-provider,workspace new,"
            "workspace delete,force-unlock"
        ),
    ),
    "systemctl": Program(
        reads=_set(
            "status,show,cat,list-units,list-unit-files,list-timers,list-sockets,list-jobs,list-dependencies,is-active,"
            "is-enabled,is-failed,is-system-running,get-default,help"
        ),
        changes=_set(
            "start,stop,restart,try-restart,reload,reload-or-restart,kill,enable,disable,mask,unmask,isolate,daemon-reload,"
            "daemon-reexec,reset-failed,edit,set-property,reenable,reboot,poweroff,halt,set-default,revert,link,preset"
        ),
        valued=_set("-n,-o,-H,-M,-t,-p,--host,--machine,--type,--property,--output,--lines,--state"),
    ),
    "docker": Program(
        reads=_set(
            "ps,logs,inspect,images,image ls,image inspect,image history,stats,top,events,info,version,port,diff,history,"
            "search,container ls,container inspect,container logs,container stats,container top,network ls,network inspect,"
            "volume ls,volume inspect,system df,system info,system events,compose ps,compose logs,compose config,compose top,"
            "compose images,compose ls,compose events,service ls,service ps,service logs,service inspect,node ls,node ps,"
            "node inspect,stack ls,stack ps,stack services,context,attach"
        ),
        changes=_set(
            "run,start,stop,restart,kill,rm,rmi,pause,unpause,update,rename,pull,push,build,tag,commit,load,import,cp,create,"
            "container rm,container start,container stop,container restart,container prune,container kill,image rm,image prune,"
            "image pull,network create,network rm,network connect,network disconnect,volume create,volume rm,volume prune,"
            "system prune,compose up,compose down,compose start,compose stop,compose restart,compose pull,compose build,"
            "compose rm,compose kill,compose create,compose pause,compose unpause,compose scale,compose run,service update,"
            "service scale,service rm,service create,service rollback,stack deploy,stack rm,node update,swarm"
        ),
        valued=_set("-H,--host,--context,-c,-f,--file,-p,--project-name,--log-level,--config"),
    ),
    "service": Program(),
    "apt": Program(
        reads=_set("list,show,search,policy,changelog,depends,rdepends"),
        changes=_set("install,remove,purge,upgrade,full-upgrade,dist-upgrade,autoremove,update,reinstall,clean"),
    ),
    "yum": Program(
        reads=_set("list,info,search,history,repolist,check-update,provides,deplist"),
        changes=_set("install,remove,erase,update,upgrade,downgrade,reinstall,autoremove,clean,swap,distro-sync"),
    ),
    "pip": Program(reads=_set("list,show,freeze,check,index,debug"), changes=_set("install,uninstall")),
    "npm": Program(
        reads=_set("ls,list,view,info,outdated,audit"), changes=_set("install,i,ci,uninstall,update,publish")
    ),
    "rabbitmqctl": Program(
        reads=_set(
            "status,cluster_status,list_queues,list_exchanges,list_bindings,list_connections,list_channels,list_consumers,"
            "list_users,list_vhosts,list_policies,environment,report,ping,list_unresponsive_queues"
        ),
        changes=_set(
            "stop_app,start_app,reset,force_reset,purge_queue,delete_queue,set_policy,clear_policy,forget_cluster_node,"
            "join_cluster,close_connection,close_all_connections,add_user,delete_user,set_permissions,stop,shutdown,"
            "sync_queue,cancel_sync_queue,rotate_logs,set_vm_memory_high_watermark"
        ),
        valued=_set("-n,-p,-t"),
    ),
    "etcdctl": Program(
        reads=_set(
            "get,endpoint,member list,alarm list,watch,check,version,snapshot status,lease list,user list,role list"
        ),
        changes=_set(
            "put,del,compaction,defrag,member add,member remove,member update,alarm disarm,snapshot restore,move-leader,txn"
        ),
    ),
    "vault": Program(
        reads=_set(
            "read,list,status,kv get,kv list,kv metadata get,version,token lookup,secrets list,policy read,policy list"
        ),
        changes=_set(
            "write,delete,kv put,kv patch,kv delete,kv destroy,kv undelete,operator,token revoke,lease revoke,secrets enable"
        ),
    ),
    "consul": Program(
        reads=_set(
            "members,info,kv get,catalog,monitor,operator raft list-peers,version,intention list,config read,config list"
        ),
        changes=_set(
            "kv put,kv delete,leave,join,force-leave,maint,reload,config write,config delete,services register,services deregister"
        ),
    ),
    "nomad": Program(
        reads=_set(
            "status,job status,job plan,job history,job inspect,alloc status,alloc logs,node status,deployment status,plan,version"
        ),
        changes=_set(
            "run,job run,job stop,job revert,job scale,alloc restart,alloc stop,node drain,deployment promote,deployment fail,stop"
        ),
    ),
    "amtool": Program(
        reads=_set("alert,alert query,silence query,check-config,config,cluster"),
        changes=_set("silence add,silence expire,silence update,alert add"),
    ),
    "promtool": Program(reads=_set("query,check,test,debug,tsdb list,tsdb analyze")),
    "gh": Program(
        reads=_set(
            "pr view,pr list,pr diff,pr checks,pr status,run list,run view,run watch,issue view,issue list,release view,release list,search"
        ),
        changes=_set(
            "pr merge,pr create,pr close,pr revert,run rerun,run cancel,workflow run,issue create,issue close,release create,release delete"
        ),
        valued=_set("-R,--repo"),
    ),
    "redis-cli": Program(
        reads=_set(
            "get,mget,keys,scan,info,llen,lrange,hget,hgetall,hlen,smembers,scard,zrange,zcard,ttl,type,exists,dbsize,ping,"
            "monitor,slowlog,client list,config get,cluster info,cluster nodes,memory,latency,object,role,strlen,time"
        ),
        changes=_set(
            "set,del,unlink,flushall,flushdb,config set,config rewrite,expire,persist,rename,hset,hdel,lpush,rpush,lpop,rpop,"
            "ltrim,sadd,srem,zadd,zrem,incr,decr,client kill,cluster failover,cluster meet,cluster forget,replicaof,slaveof,"
            "shutdown,bgsave,save,bgrewriteaof,script flush,failover,swapdb,debug"
        ),
        valued=_set("-h,-p,-a,-n,-u,--user,--pass,-s,-r,-i"),
    ),
}
"""Programs whose first words decide. `kubectl exec`, `docker exec` and the like are looked through elsewhere."""

ALIASES = {
    "k": "kubectl", "oc": "kubectl", "kubecolor": "kubectl", "kubectl.exe": "kubectl", "microk8s.kubectl": "kubectl",
    "podman": "docker", "nerdctl": "docker", "docker-compose": "docker", "tofu": "terraform", "terragrunt": "terraform",
    "apt-get": "apt", "aptitude": "apt", "apt-cache": "apt", "dnf": "yum", "zypper": "yum", "pip3": "pip", "yarn": "npm",
    "pnpm": "npm", "helmfile": "helm", "valkey-cli": "redis-cli", "mariadb": "mysql", "egrep": "grep", "fgrep": "grep",
    "zgrep": "grep", "gawk": "awk", "mawk": "awk", "nmcli": "ip",
}  # fmt: skip

READS = _set(
    "ls,ll,la,l,cat,bat,zcat,tac,less,more,head,tail,grep,rg,ag,awk,cut,tr,sort,uniq,wc,tee,jq,diff,cmp,comm,column,paste,join,nl,"
    "fold,fmt,rev,strings,xxd,hexdump,od,base64,md5sum,sha256sum,sha1sum,seq,ps,pstree,top,htop,atop,btop,iotop,iftop,nethogs,"
    "pidof,pgrep,free,df,du,ncdu,uptime,w,who,whoami,id,groups,last,lastb,hostname,hostnamectl,uname,date,timedatectl,cal,"
    "printenv,echo,printf,pwd,cd,pushd,popd,which,type,whereis,file,stat,readlink,realpath,basename,dirname,tree,lsof,fuser,"
    "netstat,ss,ifconfig,ping,ping6,fping,dig,nslookup,host,whois,traceroute,tracepath,mtr,nc,ncat,telnet,nmap,tcpdump,tshark,"
    "ngrep,strace,ltrace,gdb,perf,bpftrace,vmstat,iostat,sar,mpstat,pidstat,dstat,numastat,dmesg,history,man,help,openssl,"
    "nproc,lscpu,lsblk,lspci,lsusb,lsmod,findmnt,blkid,getent,getconf,locale,ulimit,true,false,test,[,:,sleep,wait,clear,reset,exit,"
    "logout,alias,unalias,set,unset,export,source,read,jobs,fg,bg,trap,return,shift,let,jstack,jmap,jstat,jps,jcmd,pprof,py-spy,"
    "stern,kail,logcli,k9s,kubectx,kubens,kubetail,wget,ab,hey,wrk,siege,vegeta,websocat,grpcurl,httpstat,speedtest,script,"
    "asciinema,tmux,screen,tput,stty,hash,command,ldd,nm,objdump,readelf,dpkg-query,rpmquery,zipinfo,xz,zstdcat,bzcat,lz4cat,"
    "pg_isready,pgbadger,mysqladmin-status,kcat,kafkacat,pt-query-digest,watchexec,tig,cloudtrail,nvidia-smi,sensors,arp,route"
)
"""Programs that change nothing whatever their arguments."""

CHANGES = _set(
    "rm,rmdir,unlink,mv,cp,chmod,chown,chgrp,ln,mkdir,touch,dd,truncate,shred,kill,pkill,killall,xkill,reboot,shutdown,halt,poweroff,"
    "init,useradd,userdel,usermod,groupadd,passwd,chpasswd,visudo,umount,swapoff,swapon,mkswap,mkfs,fsck,resize2fs,xfs_growfs,"
    "lvextend,lvresize,growpart,parted,fdisk,insmod,rmmod,modprobe,ufw,firewall-cmd,tc,update-ca-certificates,certbot,logrotate,"
    "pg_ctl,pg_rewind,pg_restore,pg_repack,reindexdb,vacuumdb,dropdb,createdb,dropuser,createuser,repmgr,renice,rsync,scp,patch,"
    "install,a2ensite,a2dissite,apachectl,kubeadm,eksctl,kops,setenforce,chattr,setfacl,newgrp,update-rc.d,chkconfig,sendmail,mail"
)
"""Programs that change something whatever their arguments."""

VERBS_READ = _set(
    "list,ls,describe,show,get,read,lookup,filter,head,tail,wait,search,query,scan,view,check,validate,simulate,test,"
    "preview,export,estimate,batch-get,logs,status,explain,diff,history,get-credentials,account,version,info,print"
)
VERBS_CHANGE = _set(
    "create,delete,update,put,start,stop,reboot,terminate,modify,run,attach,detach,set,register,deregister,enable,disable,add,"
    "remove,restore,promote,failover,scale,invoke,publish,send,purge,reset,restart,resize,deploy,apply,patch,replace,"
    "rollback,cancel,release,associate,disassociate,authorize,revoke,reload,upgrade,migrate,swap,import,undelete,move,"
    "assign,unassign,rotate,drain,cordon,recreate,rolling-action,execute,untag,tag,rm,rb,mb,mv,grant,deallocate,redeploy,purge-deleted"
)
"""The verbs of cloud command lines (`aws ec2 describe-instances`, `gcloud sql instances restart`, `az vm show`)."""

SQL_READS = _set(
    "select,show,explain,describe,desc,with,table,values,use,fetch,pragma,help,status,source,set,begin,commit,rollback,start"
)
SQL_CHANGES = _set(
    "insert,update,delete,merge,upsert,replace,alter,create,drop,truncate,rename,grant,revoke,vacuum,reindex,cluster,kill,"
    "call,copy,load,lock,optimize,analyze,refresh,comment,reset,flush,purge,repair,do,execute,notify"
)
SQL_ACTING_FUNCTIONS = (
    "pg_terminate_backend", "pg_cancel_backend", "pg_reload_conf", "pg_promote", "pg_switch_wal", "setval", "nextval",
    "pg_stat_reset", "pg_rotate_logfile", "pg_drop_replication_slot", "pg_create_physical_replication_slot", "lo_unlink",
    "dblink_exec", "pg_wal_replay_pause", "pg_wal_replay_resume",
)  # fmt: skip

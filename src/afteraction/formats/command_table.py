"""What the commands of the usual programs do to a system: a table, nothing else.

The subcommands of programs stand in `commands.toml`; here are the programs that always do the same, the verbs of cloud
command lines and of SQL. A command that only touches the caller's own shell, kubeconfig, downloads or screen changes no
system and counts as diagnostic; a shell inside a machine or container is unknown. From the programs' own manuals.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

_NONE: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """The subcommands of one program; the fields are described at the top of `commands.toml`."""

    reads: frozenset[str] = _NONE
    changes: frozenset[str] = _NONE
    bare: frozenset[str] = _NONE
    valued: frozenset[str] = _NONE
    printing: frozenset[str] = _NONE
    acting: frozenset[str] = _NONE


def _set(text: str) -> frozenset[str]:
    return frozenset(" ".join(part.split()) for part in text.split(",") if part.strip())


@cache
def subcommands() -> Mapping[str, Program]:
    """Return the programs whose first words decide. `kubectl exec` and the like are looked through elsewhere."""
    data = tomllib.loads(files("afteraction.formats").joinpath("commands.toml").read_text("utf-8"))
    return {name: Program(**{field: _set(text) for field, text in entry.items()}) for name, entry in data.items()}


ALIASES = {
    "k": "kubectl", "kubecolor": "kubectl", "kubectl.exe": "kubectl", "microk8s.kubectl": "kubectl",
    "podman": "docker", "nerdctl": "docker", "docker-compose": "docker", "podman-compose": "docker", "tofu": "terraform", "terragrunt": "terraform",
    "apt-get": "apt", "aptitude": "apt", "apt-cache": "apt", "dnf": "yum", "zypper": "yum", "pip3": "pip", "yarn": "npm",
    "pnpm": "npm", "keydb-cli": "redis-cli", "valkey-cli": "redis-cli", "mariadb": "mysql", "egrep": "grep", "fgrep": "grep",
    "flyctl": "fly", "sls": "serverless", "tf": "terraform", "mongo": "mongosh",
    "zgrep": "grep", "gawk": "awk", "mawk": "awk",
}  # fmt: skip

KEYWORDS = _set(
    "do,then,else,elif,if,while,until,!,{,(,},time,nohup,exec,builtin,eval,setsid,ionice,caffeinate,begin,and,or,not,unbuffer"
)
CLOSING = _set("done,fi,},),esac,;;,end")
"""Words of the shell itself before a command, and in its place."""

WRAPPERS: Mapping[str, frozenset[str]] = {
    "sudo": _set("-u,-g,-h,-p,-C,-T,-U"),
    "doas": _set("-u,-C"),
    "env": _set("-u,-C"),
    "nice": _set("-n"),
    "watch": _set("-n,--interval"),
    "timeout": _set("-s,-k,--signal,--kill-after"),
    "xargs": _set("-I,-n,-P,-L,-d,-a,--max-args,--max-procs,--delimiter"),
    "parallel": _set("-j,--jobs,-a,--delay"),
    "stdbuf": _set("-i,-o,-e"),
    "aws-vault": _NONE,
    "chroot": _set("--userspec"),
    "command": _NONE,
    "flock": _set("-w,-E"),
    "runuser": _set("-u,-g,-G"),
    "gosu": _NONE,
    "nsenter": _set("-t,--target,-S,-G"),
    "retry": _set("-n,-d,-t,--times,--delay"),
    "proxychains": _set("-f"),
    "strace": _set("-e,-o,-p,-s,-P"),
}
"""Programs that run another one, with their options that take a value."""
POSITIONAL: Mapping[str, int] = {"timeout": 1, "chroot": 1, "flock": 1, "gosu": 1}
"""How many words of its own such a program takes before the command it runs."""
EXECUTORS = _set("kubectl,oc,docker,crictl,nomad,lxc,incus")
REMOTE_VALUED = _set(
    "-i,-l,-p,-o,-J,-F,-n,-c,--namespace,--container,--context,-u,--user,-e,--env,-w,--workdir,-L,-R,-D,--kubeconfig,--index,"
    "--cluster,--as,--proxy,--pod-running-timeout"
)
"""Programs that run a command elsewhere (`kubectl exec`), and the options of `ssh` and of these that take a value."""

PLAIN_CHANGES = _set("restart,rollback,redeploy,deploy,stop,scale,drain,cordon,failover,delete,terminate,reboot")
"""First words behind a program that nobody knows (a team's own tool) which can only mean a change."""

SHELL = _set("cd,export,set,unset,source,.,echo,sleep,pushd,popd,true,:,alias,trap,ulimit,umask,wait,test,[,[[")
"""What only prepares a line: it gives the line its name when nothing else does."""

READS = _set(
    "ls,ll,la,l,cat,bat,zcat,tac,less,more,head,tail,grep,rg,ag,awk,cut,tr,sort,uniq,wc,tee,jq,diff,cmp,comm,column,paste,join,nl,"
    "fold,fmt,rev,strings,xxd,hexdump,od,base64,md5sum,sha256sum,sha1sum,seq,ps,pstree,top,htop,atop,btop,iotop,iftop,nethogs,"
    "pidof,pgrep,free,df,du,ncdu,uptime,w,who,whoami,id,groups,last,lastb,uname,cal,"
    "printenv,echo,printf,pwd,cd,pushd,popd,which,type,whereis,file,stat,readlink,realpath,basename,dirname,tree,lsof,"
    "netstat,ss,ping,ping6,fping,dig,nslookup,host,whois,traceroute,tracepath,mtr,nc,ncat,telnet,nmap,tcpdump,tshark,"
    "ngrep,strace,ltrace,gdb,perf,bpftrace,vmstat,iostat,sar,mpstat,pidstat,dstat,numastat,history,man,help,openssl,"
    "nproc,lscpu,lsblk,lspci,lsusb,lsmod,findmnt,blkid,getent,getconf,locale,ulimit,true,false,test,[,:,sleep,wait,clear,reset,exit,"
    "logout,[[,((,alias,unalias,set,unset,export,source,read,jobs,fg,bg,trap,return,shift,let,jstack,jmap,jstat,jps,jcmd,pprof,py-spy,"
    "stern,kail,logcli,k9s,kubectx,kubetail,ab,hey,wrk,siege,vegeta,websocat,httpstat,speedtest,script,"
    "asciinema,tmux,screen,tput,stty,hash,ldd,nm,objdump,readelf,dpkg-query,rpmquery,zipinfo,xz,zstdcat,bzcat,lz4cat,"
    "pg_isready,pgbadger,mysqladmin-status,kcat,kafkacat,pt-query-digest,watchexec,tig,nvidia-smi,sensors,"
    "mysqldump,pg_dump,pg_dumpall,pg_waldump,pg_controldata,pg_lsclusters,pg_basebackup,mongodump,mongostat,mongotop,mytop,innotop,"
    "rabbitmq-diagnostics,ansible-doc,ansible-lint,ansible-config,ansible-galaxy,ansible-inventory,kubeconform,kubeval,dive,trivy,grpcurl,"
    "tflint,tfsec,infracost,conftest,view,xmllint,lsattr,getfacl,lsns,ipcs,slabtop,blktrace,trace-cmd,shuf,iconv,ts,pv,expr,bc,umask,"
    "kubectl-neat,kubectl-tree,kubecm,kubie,kubens,diffoscope,vimdiff,colordiff,delta,fzf,envsubst,mktemp,split"
)
"""Programs that change nothing whatever their arguments."""

CHANGES = _set(
    "rm,rmdir,unlink,mv,cp,chmod,chown,chgrp,ln,mkdir,touch,dd,truncate,shred,pkill,killall,xkill,reboot,shutdown,halt,poweroff,"
    "init,useradd,userdel,usermod,groupadd,passwd,chpasswd,visudo,umount,swapoff,swapon,mkswap,mkfs,fsck,resize2fs,xfs_growfs,"
    "lvextend,lvresize,growpart,parted,fdisk,insmod,rmmod,modprobe,update-ca-certificates,"
    "pg_ctl,pg_rewind,pg_restore,pg_repack,reindexdb,vacuumdb,dropdb,createdb,dropuser,createuser,repmgr,renice,scp,patch,"
    "install,a2ensite,a2dissite,apachectl,setenforce,chattr,setfacl,newgrp,update-rc.d,chkconfig,sendmail,mail,mongorestore,"
    "mysqlimport,mysql_upgrade,pg_upgrade,pg_resetwal,pg_createcluster,pg_dropcluster,pg_ctlcluster,a2enmod,a2dismod,ntpdate,"
    "update-alternatives,ldconfig,depmod,mkinitrd,update-grub,grub-install,wipefs,mdadm,pvcreate,vgextend,lvcreate,lvremove,kexec"
)
"""Programs that change something whatever their arguments."""

VERBS_READ = _set(
    "list,ls,poll,download,whatif,what-if,check-name,describe,show,get,read,lookup,filter,head,tail,wait,search,query,scan,view,check,validate,simulate,test,"
    "preview,export,estimate,batch-get,logs,status,explain,diff,history,get-credentials,account,version,info,print"
)
VERBS_CHANGE = _set(
    "create,delete,change,update,put,start,stop,reboot,terminate,modify,run,attach,detach,set,register,deregister,enable,disable,add,"
    "remove,restore,promote,failover,scale,invoke,publish,send,purge,reset,restart,resize,deploy,apply,patch,replace,"
    "rollback,cancel,release,associate,disassociate,authorize,revoke,reload,upgrade,migrate,swap,import,undelete,move,"
    "assign,unassign,rotate,drain,cordon,recreate,rolling-action,execute,untag,tag,rm,rb,mb,mv,grant,deallocate,redeploy,purge-deleted"
)
"""The verbs of cloud command lines (`aws ec2 describe-instances`, `gcloud sql instances restart`, `az vm show`)."""

CLOUD_READS = _set(
    "aws configure,aws sso login,aws sso logout,aws sts assume-role,aws sts decode-authorization-message,aws eks update-kubeconfig,"
    "aws ecr get-login-password,aws ecr get-login,aws s3 presign,aws s3 ls,aws athena start-query-execution,aws logs start-query,"
    "aws logs stop-query,aws logs start-live-tail,aws logs filter-log-events,aws xray batch-get-traces,aws iam simulate-principal-policy,"
    "aws s3api head-object,aws s3api head-bucket,aws cloudtrail lookup-events,aws application-signals batch-get,aws codeartifact login,"
    "gcloud auth,gcloud config,gcloud info,gcloud init,gcloud components list,gcloud run services logs,gcloud container clusters get-credentials,"
    "gcloud compute config-ssh,gcloud topic,gcloud feedback,gcloud cheat-sheet,gcloud container fleet memberships get-credentials,"
    "az login,az logout,az account set,az account clear,az configure,az config,az acr login,az aks get-credentials,az aks install-cli,"
    "az find,az extension,az feedback,az cloud set,az interactive,az aks browse,az monitor app-insights query,"
    "doctl auth,doctl kubernetes cluster kubeconfig,ibmcloud login,ibmcloud target,ibmcloud ks cluster config"
)
CLOUD_CHANGES = _set(
    "gcloud builds submit,gcloud functions call,gcloud scheduler jobs run,az acr build,gcloud app deploy"
)
CLOUD_SESSIONS = _set(
    "aws ssm start-session,aws ecs execute-command,aws ec2-instance-connect ssh,gcloud compute ssh,gcloud cloud-shell,gcloud sql connect,"
    "az ssh,az container exec,az webapp ssh,az vm run-command,az aks command,aws ssm send-command,gcloud app instances ssh,az containerapp exec"
)
"""What a cloud's command line does where the verb alone misleads; sessions are judged by the command that they run, if any."""

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

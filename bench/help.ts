export const HELP = `npm run bench -- [options]

Measures the compiled server against the floor (the least that a login can be) and against what people have today, in one
run: one after the other, again and again, with the same load and the same scripted WeChat. Prints a table, writes
bench/results.json and bench/charts/*.svg (both under bench/results when only a part ran). Exit code 0: every target holds;
1: one is missed, or the run failed; 2: wrong usage.

  --quick                about two minutes instead of fifteen
  --only <parts>         of start, returning, latency, first, mix, hot, size, search; separated by commas
  --contestants <names>  of floor, sqlite, postgres, postgres4, tutorial, easywechat, better-auth, wafer
  --against <revision>   builds this git revision in a work tree of its own and lets it take part: what a change costs
  --profile              measures nothing; names the ten functions in which the server spends most of its time
  --users <n>            people in the large database (1000000; with --quick 200000; the target speaks of 10000000)
  --rounds <n>           rounds of each part (16; with --quick 4)
  --seconds <n>          how long each contestant is under load in a round (1.5; with --quick 0.6)
  --connections <n>      connections of the load to each contestant (64)
  --folder <path>        where the databases are made (the system's temporary folder)
  --help

Ratios are what counts: this machine's other work hurts all alike. For the speeds themselves, leave it alone meanwhile.

————

npm run bench -- [选项]

在同一轮里把编译好的服务与性能基线（登录最少要做的事）以及大家现在的做法放在一起比较：轮流上场，多次重复，负载相同，模拟的微信相同。
打印一张表，并写出 bench/results.json 和 bench/charts/*.svg（只跑一部分时写到 bench/results 下）。退出码：0 指标全部达到，1 有一项没达到或运行失败，2 用法错误。

  --quick                约两分钟，而不是十五分钟
  --only <部分>          start、returning、latency、first、mix、hot、size、search 中的几项，用逗号分开
  --contestants <名字>   floor、sqlite、postgres、postgres4、tutorial、easywechat、better-auth、wafer 中的几个
  --against <版本>       在单独的工作树里构建这个 git 版本，一起参加比较：看一次改动有没有代价
  --profile              不比较，只列出服务器最耗时的十个函数
  --users <n>            大数据库里的人数（1000000；--quick 时 200000；指标说的是 10000000）
  --rounds <n>           每个部分的轮数（16；--quick 时 4）
  --seconds <n>          每一轮里每个参加者承受负载的秒数（1.5；--quick 时 0.6）
  --connections <n>      到每个参加者的连接数（64）
  --folder <路径>        数据库放在哪里（默认是系统的临时目录）
  --help

要看的是比值：机器上别的工作对大家影响相同。要看绝对速度，请不要同时用机器做别的事。
`

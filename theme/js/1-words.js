// The words of the page's controls, in the page's language. One global, `bookWords`.
'use strict';

const bookWords = (() => {
    const english = {
        run: 'Run',
        runListing: name => `Run listing ${name}`,
        stop: 'Stop',
        copy: 'Copy',
        copied: 'Copied',
        copyListing: name => `Copy listing ${name}`,
        tabs: 'Language of the listing',
        live: 'Live output',
        showRecorded: 'Recorded output',
        starting: 'Starting …',
        building: 'Compiling …',
        ends: {
            'exit': end => `Ended after ${end.wall_ms} ms with exit status ${end.code}.`,
            'signal': end => `Killed by signal ${end.code} after ${end.wall_ms} ms.`,
            'timeout': end => `Stopped by the book: it was still running after ${Math.round(end.wall_ms / 1000)} s.`,
            'output-limit': () => 'Stopped by the book: it printed more than 256 KiB.',
            'stopped': () => 'Stopped.',
            'build-failed': () => 'It does not compile; the messages are above.',
            'start-failed': () => 'It could not be started; the message is above.',
        },
        leftovers: n => ` ${n} process(es) that it left behind were ended.`,
        lost: 'The connection to the book’s server broke. Is `cargo book serve` still running?',
        refused: text => `The server refused: ${text}`,
        diagramFailed: 'This diagram could not be drawn; its source is above.',
    };
    const chinese = {
        run: '运行',
        runListing: name => `运行示例 ${name}`,
        stop: '停止',
        copy: '复制',
        copied: '已复制',
        copyListing: name => `复制示例 ${name}`,
        tabs: '示例的语言',
        live: '实时输出',
        showRecorded: '预录输出',
        starting: '正在启动……',
        building: '正在编译……',
        ends: {
            'exit': end => `运行 ${end.wall_ms} ms 后结束，退出状态 ${end.code}。`,
            'signal': end => `运行 ${end.wall_ms} ms 后被信号 ${end.code} 终止。`,
            'timeout': end => `运行了 ${Math.round(end.wall_ms / 1000)} 秒还没有结束，已由本书停止。`,
            'output-limit': () => '输出超过 256 KiB，已由本书停止。',
            'stopped': () => '已停止。',
            'build-failed': () => '编译没有通过，原因见上。',
            'start-failed': () => '没能启动，原因见上。',
        },
        leftovers: n => `它留下的 ${n} 个进程也已由本书停止。`,
        lost: '与本书服务器的连接断了。`cargo book serve` 还在运行吗？',
        refused: text => `服务器拒绝了请求：${text}`,
        diagramFailed: '这张图没能画出来，源码见上。',
    };
    return document.documentElement.lang.startsWith('zh') ? chinese : english;
})();

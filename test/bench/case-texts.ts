import { termsOf } from '../../src/cases/lists/words-rules.ts';

/* What citizens of an invented city call about: word lists, and texts put together from them. */
const streets = ['金麦', '长虹', '新安', '望江', '文苑', '锦绣', '和平', '建设', '解放', '中山', '人民', '青年', '东风', '学院', '湖滨', '石桥', '柳浪', '南屏', '北山', '采荷', '翠苑', '古荡', '三墩', '良渚'];
const ways = ['路', '街', '大道', '巷', '弄'];
const [firsts, seconds] = ['金锦翠碧云天福瑞祥和盛兴华龙凤梧桐枫竹兰桂荷澜', '苑园庭府湾城居轩阁台洲岸邸里坊墅郡都景庐'].map((letters) => [...letters]) as [string[], string[]];
const whens = ['夜间', '凌晨', '每天早上', '中午', '傍晚', '周末', '近一周', '连续三天', '昨晚', '长期', '下雨后', '上下班高峰'];
const things = ['施工噪声', '广场舞音响', '路灯', '井盖', '下水道', '垃圾桶', '电动车充电桩', '共享单车', '消防通道', '自来水', '暖气', '天然气管道', '公交车站牌', '107路公交车', '红绿灯', '人行道地砖', '行道树',
  '电梯', '物业费', '停车位', '渣土车', '油烟', '违章搭建', '占道经营', '流动摊贩', '宽带', '社保卡', '医保报销', '学区划分', '公积金提取', '营业执照', '预付卡', '健身房退费', '食品过期', '装修公司', '拖欠工资',
  '河道', '扬尘', '流浪犬', '外墙瓷砖', '高空抛物', '燃气表', '停电', '积水', '道路坑洼', '绿化带', '公厕', '快递柜', '网约车', '出租车'];
const troubles = ['严重扰民', '无人处理', '损坏', '漏水', '不亮', '缺失', '堵塞', '满溢', '被占用', '收费不合理', '拒绝退款', '存在安全隐患', '影响出行', '异味很大', '水质发黄', '温度不达标', '迟迟不到账', '多次反映未果', '开裂', '倒伏'];
const effects = ['老人孩子无法休息', '已有人摔伤', '车辆无法通行', '居民意见很大', '影响正常生活', '物业称不归其管理', '社区答复正在协调', '此前致电未解决', '现场无警示标志', '商家态度恶劣'];
const wishes = ['希望尽快派人维修', '要求相关部门核实处理', '请求加强夜间巡查', '咨询办理流程和所需材料', '要求退还费用', '希望给出明确答复', '建议增设隔离设施', '请城管部门依法查处', '希望回电告知结果', '要求书面回复'];
/** Known to few cases each, for searches that find hardly anything. */
const rarities = ['鸬鹚', '貔貅石雕', '磷化铝', '蟋蟀养殖', '蜚蠊', '榫卯牌坊', '氡超标', '溴化锂机组', '桥梁伸缩缝', '丙烯酸树脂', '鹅绒', '放射源', '蚁冢', '枇杷林', '锅炉爆管', '盾构机'];

export type PoolText = { readonly text: string; readonly words: string[] };

/** A repeatable draw from 0 to 1 (mulberry32). */
function draws(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Texts of one kind; a case takes one of each, those at the head of the list far more often than those at its end. */
export function textPools(seed = 12345): { readonly places: PoolText[]; readonly causes: PoolText[]; readonly courses: PoolText[] } {
  const draw = draws(seed);
  const one = (list: readonly string[]): string => list[Math.floor(draw() * list.length)] ?? '';
  const number = (most: number): number => 1 + Math.floor(draw() * most);
  const pool = (count: number, make: (index: number) => string): PoolText[] => Array.from({ length: count }, (_, index) => {
    const text = make(index);
    return { text, words: [...termsOf(text)] };
  });
  return {
    places: pool(8_000, () => `${one(streets)}${one(ways)}${number(600)}号${one(firsts)}${one(firsts)}${one(seconds)}${number(40)}幢`),
    causes: pool(4_000, () => `${one(whens)}${one(things)}${one(troubles)}`),
    // The last of the list, so the least drawn, speak of something rare.
    courses: pool(8_000, (index) => `${one(effects)}，${one(effects)}，${index >= 7_900 ? `发现${one(rarities)}，` : ''}${one(wishes)}`),
  };
}

/** What people search for, by how much it finds. */
export const searches = {
  common: ['噪声', '路灯', '停车位', '扰民', '物业', '噪声扰民', '井盖', '渣土车', '垃圾桶满溢', '公交'],
  pairs: ['噪声 望江', '金麦路 路灯', '停车位 锦绣', '电梯 安全隐患', '油烟 文苑', '积水 湖滨'],
  rare: rarities,
  letter: ['灯', '水', '犬', '锅'],
  none: ['鲲鹏展翅', '饕餮', '氪星', '量子纠缠'],
} as const;

import type { UnitLine } from '../import-rules.ts';
import type { UnitKind } from '../unit.ts';

/*
 * An invented city, 云州市, to try the hotline with: some 180 units on four levels, with the districts of a first run. Codes tell where a unit stands.
 */
const departments = ['城市管理局', '住房和城乡建设局', '公安局', '交通运输局', '生态环境局', '市场监督管理局', '人力资源和社会保障局', '医疗保障局', '卫生健康委员会', '教育局', '民政局', '自然资源和规划局', '水务局',
  '农业农村局', '文化和旅游局', '应急管理局', '司法局', '财政局', '发展和改革委员会', '经济和信息化局', '商务局', '退役军人事务局', '园林绿化局', '数据资源管理局'];
const utilities = ['云州水务集团', '云州供电公司', '云州燃气集团', '云州热力公司', '云州公交集团', '云州地铁公司'];
const above: readonly (readonly [UnitKind, string])[] = [['province', '省通信管理局'], ['province', '省邮政管理局'], ['state', '云州海关'], ['state', '铁路云州站']];
const districts: readonly { readonly code: string; readonly name: string; readonly streets: readonly string[] }[] = [
  { code: '330102', name: '东湖区', streets: ['锦麦', '长桥', '望江', '青枫', '石塘', '白鹭'] },
  { code: '330103', name: '西城区', streets: ['鼓楼', '西门', '桂花', '梧桐', '柳浪', '松林'] },
  { code: '330104', name: '南屏区', streets: ['南屏', '双桥', '茶亭', '云溪', '竹园', '莲花'] },
  { code: '330105', name: '北山区', streets: ['北山', '龙泉', '古井', '枣林', '平安', '石桥'] },
  { code: '330106', name: '高新区', streets: ['创新', '科苑', '星河', '明德', '新港', '滨江'] },
];
const districtOffices = ['城市管理局', '住房和城乡建设局', '市场监督管理局', '生态环境分局', '卫生健康局'];
const ordinals = ['一', '二', '三'];

const two = (index: number): string => String(index + 1).padStart(2, '0');

type Node = Pick<UnitLine, 'code' | 'nameZh' | 'kind' | 'parentCode' | 'districtCode' | 'position'>;

function nodes(): Node[] {
  const city: Node = { code: 'C', nameZh: '云州市人民政府', kind: 'city', parentCode: null, districtCode: '330101', position: 0 };
  const under = (names: readonly string[], { code, kind, prefix }: { code: string; kind: UnitKind; prefix: string }): Node[] =>
    names.map((name, index) => ({ code: `${code}${two(index)}`, nameZh: prefix + name, kind, parentCode: 'C', districtCode: '330101', position: index + 1 }));
  return [
    city, ...under(departments, { code: 'C-D', kind: 'department', prefix: '市' }), ...under(utilities, { code: 'C-U', kind: 'utility', prefix: '' }),
    ...above.map(([kind, nameZh], index): Node => ({ code: `X${two(index)}`, nameZh, kind, parentCode: null, districtCode: null, position: index + 1 })), ...districts.flatMap(districtNodes),
  ];
}

function districtNodes({ code: districtCode, name, streets }: (typeof districts)[number], index: number): Node[] {
  const code = `Q${two(index)}`;
  return [
    { code, nameZh: `${name}人民政府`, kind: 'district', parentCode: 'C', districtCode, position: 100 + index },
    ...districtOffices.map((office, at): Node => ({ code: `${code}-D${two(at)}`, nameZh: name + office, kind: 'department', parentCode: code, districtCode, position: at + 1 })),
    ...streets.flatMap((street, at): Node[] => {
      const streetCode = `${code}-S${two(at)}`;
      // The last of each district lies in the country.
      const isTownship = at === streets.length - 1;
      const communities = ordinals.map((ordinal, nth): Node => ({ code: `${streetCode}-${two(nth)}`, nameZh: `${street}第${ordinal}${isTownship ? '村' : '社区'}`, kind: 'community', parentCode: streetCode, districtCode, position: nth + 1 }));
      return [{ code: streetCode, nameZh: isTownship ? `${street}镇` : `${street}街道`, kind: isTownship ? 'township' : 'street', parentCode: code, districtCode, position: 50 + at }, ...communities];
    }),
  ];
}

/** Numbers of the range that is kept free for examples nowhere in China: of the city's own exchange, all beginning with 0000. */
export function demoUnits(): UnitLine[] {
  return nodes().map((node, index) => ({ ...node, nameEn: null, phones: [{ number: `0571-0000${String(1_000 + index).padStart(4, '0')}`, note: '值班' }], liaisons: [] }));
}

/** Categories beside those of a first run: code, the one above, names. */
export const demoCategories: readonly (readonly [code: string, parentCode: string, nameZh: string, nameEn: string])[] = [
  ['city-noise-construction', 'city-noise', '施工噪声', 'Construction noise'], ['city-noise-life', 'city-noise', '生活噪声', 'Noise of neighbours'], ['city-noise-traffic', 'city-noise', '交通噪声', 'Traffic noise'],
  ['city-stalls', 'city', '占道经营', 'Street vendors'], ['city-buildings', 'city', '违法建设', 'Illegal building'], ['city-lights', 'city', '路灯照明', 'Street lights'], ['city-trees', 'city', '园林绿化', 'Trees and parks'],
  ['traffic-jam', 'traffic', '交通拥堵', 'Traffic jams'], ['traffic-taxi', 'traffic', '出租网约车', 'Taxis'], ['traffic-signals', 'traffic', '信号灯标线', 'Signals and markings'],
  ['housing-quality', 'housing', '房屋质量', 'Building quality'], ['housing-lease', 'housing', '租赁纠纷', 'Leases'], ['social-pension', 'social', '养老保险', 'Pensions'], ['social-medical', 'social', '医疗保险', 'Health insurance'],
  ['social-wages', 'social', '拖欠工资', 'Unpaid wages'], ['market-prices', 'market', '价格收费', 'Prices'], ['market-food', 'market', '食品安全', 'Food safety'], ['market-consumer', 'market', '消费纠纷', 'Consumer disputes'],
  ['environment-air', 'environment', '大气污染', 'Air'], ['environment-water', 'environment', '水污染', 'Water'], ['environment-smoke', 'environment', '餐饮油烟', 'Kitchen smoke'],
];

/** Whose what is in the city: category, and the unit's code; `district`: of the district's own office, where there is one. */
export const demoResponsibilities: readonly { readonly category: string; readonly unit: string; readonly district?: string }[] = [
  { category: 'city', unit: 'C-D01', district: 'D01' }, { category: 'city-trees', unit: 'C-D23' }, { category: 'city-noise-construction', unit: 'C-D02', district: 'D02' }, { category: 'city-noise-traffic', unit: 'C-D03' },
  { category: 'traffic', unit: 'C-D04' }, { category: 'traffic-signals', unit: 'C-D03' }, { category: 'traffic-bus', unit: 'C-U05' }, { category: 'housing', unit: 'C-D02', district: 'D02' },
  { category: 'social', unit: 'C-D07' }, { category: 'social-medical', unit: 'C-D08' }, { category: 'utilities', unit: 'C-D02' }, { category: 'utilities-water', unit: 'C-U01' }, { category: 'utilities-power', unit: 'C-U02' },
  { category: 'utilities-gas', unit: 'C-U03' }, { category: 'utilities-heating', unit: 'C-U04' }, { category: 'market', unit: 'C-D06', district: 'D03' }, { category: 'environment', unit: 'C-D05', district: 'D04' }, { category: 'other', unit: 'C-D24' },
];
export const demoDistricts = districts.map(({ code }, index) => ({ code, unit: `Q${two(index)}` }));

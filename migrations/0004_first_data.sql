-- Up Migration
insert into queues (id, name) values ('12345', '12345 市民服务热线');
insert into numbers (number, queue_id) values ('12345', '12345');
insert into not_ready_reasons (code, name_zh, name_en, is_selectable, position) values
  ('signed_in', '刚签入', 'Just signed in', false, 0),
  ('break', '小休', 'Break', true, 1),
  ('meal', '用餐', 'Meal', true, 2),
  ('training', '培训', 'Training', true, 3),
  ('meeting', '会议', 'Meeting', true, 4),
  ('paperwork', '整理工单', 'Case work', true, 5),
  ('hard_call', '情绪调整', 'After a hard call', true, 6),
  ('no_answer', '未接来电', 'Did not answer', false, 7),
  ('declined', '拒接来电', 'Declined a call', false, 8),
  ('unreachable', '话机不可达', 'Phone unreachable', false, 9);
insert into districts (code, name_zh, name_en, position) values
  ('330101', '市本级', 'City', 0), ('330102', '东湖区', 'Donghu', 1), ('330103', '西城区', 'Xicheng', 2),
  ('330104', '南屏区', 'Nanping', 3), ('330105', '北山区', 'Beishan', 4), ('330106', '高新区', 'High-tech zone', 5);
insert into case_categories (code, parent_code, name_zh, name_en, position) values
  ('city', null, '城市管理', 'City management', 1), ('traffic', null, '交通出行', 'Traffic', 2),
  ('housing', null, '住房保障', 'Housing', 3), ('social', null, '社会保障', 'Social security', 4),
  ('utilities', null, '水电气暖', 'Utilities', 5), ('market', null, '市场监管', 'Market supervision', 6),
  ('environment', null, '生态环境', 'Environment', 7), ('other', null, '其他', 'Other', 99);
insert into case_categories (code, parent_code, name_zh, name_en, position) values
  ('city-noise', 'city', '噪声', 'Noise', 1), ('city-road', 'city', '道路设施', 'Road facilities', 2),
  ('city-waste', 'city', '环境卫生', 'Waste', 3), ('traffic-parking', 'traffic', '停车', 'Parking', 1),
  ('traffic-bus', 'traffic', '公共交通', 'Public transport', 2), ('housing-property', 'housing', '物业管理', 'Property management', 1),
  ('utilities-water', 'utilities', '供水', 'Water', 1), ('utilities-power', 'utilities', '供电', 'Power', 2),
  ('utilities-gas', 'utilities', '供气', 'Gas', 3), ('utilities-heating', 'utilities', '供暖', 'Heating', 4);

-- Down Migration
delete from case_categories; delete from districts; delete from not_ready_reasons; delete from numbers; delete from queues;

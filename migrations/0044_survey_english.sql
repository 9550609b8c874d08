-- Up Migration
-- The callback questions have an English text, too; a questionnaire that a city has changed stays as it is.
update questionnaires set questions = '[
  {"code": "contacted", "kind": "choice", "textZh": "承办单位是否与您联系？", "textEn": "Did the office that handles your matter contact you?", "prompts": ["survey-contacted"], "options": [{"key": "1", "value": "yes", "textZh": "已联系", "textEn": "Yes"}, {"key": "2", "value": "no", "textZh": "未联系", "textEn": "No"}]},
  {"code": "solved", "kind": "choice", "textZh": "您反映的问题是否得到解决？", "textEn": "Has your problem been solved?", "prompts": ["survey-solved"], "options": [{"key": "1", "value": "yes", "textZh": "已解决", "textEn": "Yes"}, {"key": "2", "value": "no", "textZh": "未解决", "textEn": "No"}]},
  {"code": "satisfied", "kind": "scale", "textZh": "您对办理结果是否满意？", "textEn": "Are you satisfied with the result?", "prompts": ["survey-satisfied"], "options": [{"key": "1", "value": "satisfied", "textZh": "满意", "textEn": "Satisfied"}, {"key": "2", "value": "basically_satisfied", "textZh": "基本满意", "textEn": "Mostly satisfied"}, {"key": "3", "value": "dissatisfied", "textZh": "不满意", "textEn": "Dissatisfied"}, {"key": "4", "value": "no_opinion", "textZh": "不评价", "textEn": "No opinion"}]}]'
  where code = 'callback' and questions = '[
  {"code": "contacted", "kind": "choice", "textZh": "承办单位是否与您联系？", "prompts": ["survey-contacted"], "options": [{"key": "1", "value": "yes", "textZh": "已联系"}, {"key": "2", "value": "no", "textZh": "未联系"}]},
  {"code": "solved", "kind": "choice", "textZh": "您反映的问题是否得到解决？", "prompts": ["survey-solved"], "options": [{"key": "1", "value": "yes", "textZh": "已解决"}, {"key": "2", "value": "no", "textZh": "未解决"}]},
  {"code": "satisfied", "kind": "scale", "textZh": "您对办理结果是否满意？", "prompts": ["survey-satisfied"], "options": [{"key": "1", "value": "satisfied", "textZh": "满意"}, {"key": "2", "value": "basically_satisfied", "textZh": "基本满意"}, {"key": "3", "value": "dissatisfied", "textZh": "不满意"}, {"key": "4", "value": "no_opinion", "textZh": "不评价"}]}]';

-- Down Migration
update questionnaires set questions = '[
  {"code": "contacted", "kind": "choice", "textZh": "承办单位是否与您联系？", "prompts": ["survey-contacted"], "options": [{"key": "1", "value": "yes", "textZh": "已联系"}, {"key": "2", "value": "no", "textZh": "未联系"}]},
  {"code": "solved", "kind": "choice", "textZh": "您反映的问题是否得到解决？", "prompts": ["survey-solved"], "options": [{"key": "1", "value": "yes", "textZh": "已解决"}, {"key": "2", "value": "no", "textZh": "未解决"}]},
  {"code": "satisfied", "kind": "scale", "textZh": "您对办理结果是否满意？", "prompts": ["survey-satisfied"], "options": [{"key": "1", "value": "satisfied", "textZh": "满意"}, {"key": "2", "value": "basically_satisfied", "textZh": "基本满意"}, {"key": "3", "value": "dissatisfied", "textZh": "不满意"}, {"key": "4", "value": "no_opinion", "textZh": "不评价"}]}]'
  where code = 'callback' and questions = '[
  {"code": "contacted", "kind": "choice", "textZh": "承办单位是否与您联系？", "textEn": "Did the office that handles your matter contact you?", "prompts": ["survey-contacted"], "options": [{"key": "1", "value": "yes", "textZh": "已联系", "textEn": "Yes"}, {"key": "2", "value": "no", "textZh": "未联系", "textEn": "No"}]},
  {"code": "solved", "kind": "choice", "textZh": "您反映的问题是否得到解决？", "textEn": "Has your problem been solved?", "prompts": ["survey-solved"], "options": [{"key": "1", "value": "yes", "textZh": "已解决", "textEn": "Yes"}, {"key": "2", "value": "no", "textZh": "未解决", "textEn": "No"}]},
  {"code": "satisfied", "kind": "scale", "textZh": "您对办理结果是否满意？", "textEn": "Are you satisfied with the result?", "prompts": ["survey-satisfied"], "options": [{"key": "1", "value": "satisfied", "textZh": "满意", "textEn": "Satisfied"}, {"key": "2", "value": "basically_satisfied", "textZh": "基本满意", "textEn": "Mostly satisfied"}, {"key": "3", "value": "dissatisfied", "textZh": "不满意", "textEn": "Dissatisfied"}, {"key": "4", "value": "no_opinion", "textZh": "不评价", "textEn": "No opinion"}]}]';

(function(d){
function each(s,f){Array.prototype.forEach.call(d.querySelectorAll(s),f)}
each('.copy',function(b){b.hidden=false;b.onclick=function(){
var c=d.getElementById(b.getAttribute('data-for')),s=getSelection(),r=d.createRange(),done=false;
function say(ok){b.textContent=b.getAttribute(ok?'data-done':'data-fail')}
r.selectNodeContents(c);s.removeAllRanges();s.addRange(r);
try{done=d.execCommand('copy')}catch(e){}
if(!done&&navigator.clipboard)navigator.clipboard.writeText(c.textContent).then(function(){say(true)},function(){say(false)});
else say(done)}});
each('form',function(f){var b=f.querySelector('button');
f.addEventListener('submit',function(){setTimeout(function(){b.disabled=true})});
addEventListener('pageshow',function(){b.disabled=false});
if(f.hasAttribute('data-auto'))f.submit()});
var wait=+d.body.getAttribute('data-refresh');
if(wait)setTimeout(function(){location.replace(location.href)},wait*1000);
})(document)
